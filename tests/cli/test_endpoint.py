"""Which endpoints are AWS's own: they are never asked for the service akia."""

from __future__ import annotations

import pytest

from akia.cli.endpoint import is_aws

AWS = [
    "https://iam.amazonaws.com",
    "https://iam.global.api.aws",
    "https://iam.cn-north-1.amazonaws.com.cn",
    "https://iam.eusc-de-east-1.amazonaws.eu",
]
OTHERS = ["http://127.0.0.1:2542", "https://akia.example.com", "https://amazonaws.com.example.com", "https://notamazonaws.com"]


@pytest.mark.parametrize("endpoint", AWS)
def test_addresses_of_awss_are_known(endpoint: str) -> None:
    assert is_aws(endpoint)


@pytest.mark.parametrize("endpoint", OTHERS)
def test_an_address_that_only_looks_like_awss_is_not(endpoint: str) -> None:
    assert not is_aws(endpoint)
