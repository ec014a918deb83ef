"""An S3 server on loopback, with one bucket: moto, which asks who comes only when told to."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "sets"
REGION = "us-east-1"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/open/*"}
LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}

Keys = tuple[str, str]


@contextmanager
def running() -> Iterator["Store"]:
    """A server for as long as it is needed."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # tells every request
    server.start()
    host, port = server.get_host_and_port()
    store = Store(f"http://{host}:{port}")
    store.client().create_bucket(Bucket=BUCKET)
    try:
        yield store
    finally:
        server.stop()


@dataclass(frozen=True)
class Store:
    """A running server."""

    url: str

    def environment(self, url: str = "", keys: Keys = ("key", "secret")) -> dict[str, str]:
        """What leads there, with credentials the usual way; url: another way to it."""
        return {
            "AWS_ENDPOINT_URL": url or self.url,
            "AWS_ACCESS_KEY_ID": keys[0],
            "AWS_SECRET_ACCESS_KEY": keys[1],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str = "s3") -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )

    def put(self, folder: Path, prefix: str) -> str:
        """Everything below a folder, directories too, as objects; returns its address."""
        client = self.client()
        for path in folder.rglob("*"):
            key, there = f"{prefix}{path.relative_to(folder)}", path.is_file()
            content = path.read_bytes() if there else b""
            client.put_object(Bucket=BUCKET, Key=key if there else f"{key}/", Body=content)
        return f"s3://{BUCKET}/{prefix}".rstrip("/")

    def get(self, key: str) -> bytes:
        content: bytes = self.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return content

    def keys(self, prefix: str) -> set[str]:
        """Of the objects below a prefix, without it."""
        found = self.client().list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return {one["Key"].removeprefix(prefix) for one in found.get("Contents", ())}

    @contextmanager
    def guarded(self) -> Iterator[dict[str, Keys]]:
        """While this lasts the server asks who comes: credentials of an owner and of a reader.

        The reader may read what lies below open/, and write nothing.
        """
        iam, keys = self.client("iam"), {}
        for name, rules in {"owner": [ALL], "reader": [READ, LIST]}.items():
            policy = json.dumps({"Version": "2012-10-17", "Statement": rules})
            iam.create_user(UserName=name)
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
            made = iam.create_access_key(UserName=name)["AccessKey"]
            keys[name] = made["AccessKeyId"], made["SecretAccessKey"]
        self._ask(after="0")
        try:
            yield keys
        finally:
            self._ask(after="inf")

    def _ask(self, after: str) -> None:
        """Check credentials after so many requests."""
        where, kind = f"{self.url}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        urlopen(Request(where, after.encode(), kind, method="POST")).close()
