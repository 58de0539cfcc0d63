"""Sample queries: SearchSampleQueries."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from akia.lake.samples import searched
from akia.operation import Access, Context, everything
from akia.services.cloudtrail._cloudtrail import InvalidNextTokenException, cloudtrail
from akia.services.cloudtrail.lake_errors import InvalidParameterException
from akia.services.cloudtrail.lists import page

if TYPE_CHECKING:
    from akia.wire.shapes import cloudtrail as shapes

PAGE = 10


@cloudtrail.operation("SearchSampleQueries", access=Access.READ, resource=everything)
def search_sample_queries(ctx: Context, request: shapes.SearchSampleQueriesRequest) -> shapes.SearchSampleQueriesResponse:
    """Those that have to do with the phrase, the most relevant first. Raises InvalidParameterException (the token)."""
    try:
        found, more = page(ctx, "sample queries", request, searched(request["SearchPhrase"]), PAGE)
    except InvalidNextTokenException as error:  # which the model does not list for this operation
        raise InvalidParameterException(error.message) from None
    shown = [
        {"Name": sample.name, "Description": sample.description, "SQL": sample.sql, "Relevance": relevance} for sample, relevance in found
    ]
    return cast("shapes.SearchSampleQueriesResponse", {"SearchResults": shown, **more})
