"""A client that calls with whatever key its profile has, again and again, until the file `stop` is there; each call counts.

python client.py ENDPOINT CREDENTIALS_FILE PROFILE STOP
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader

ONE_TRY = Config(retries={"max_attempts": 1, "mode": "standard"})


def main(endpoint: str, credentials: str, profile: str, stop: str) -> None:
    os.environ.update(AWS_SHARED_CREDENTIALS_FILE=credentials, AWS_CONFIG_FILE=os.devnull)
    loader, calls, failures = create_loader(), dict[str, int](), list[str]()
    while not Path(stop).exists():
        session: Any = botocore.session.Session(profile=profile)  # a fresh one reads the file
        session.register_component("data_loader", loader)
        sts = session.create_client("sts", region_name="us-east-1", endpoint_url=endpoint, config=ONE_TRY)
        key = session.get_credentials().access_key
        try:
            sts.get_caller_identity()
        except Exception as error:
            failures.append(f"{key}: {error}")
        calls[key] = calls.get(key, 0) + 1
        time.sleep(0.05)
    print(json.dumps({"calls": calls, "failures": failures}))


if __name__ == "__main__":
    main(*sys.argv[1:])
