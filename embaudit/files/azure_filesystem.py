"""The account of az:// addresses, as the environment names it for all tools of Azure."""

import os
from typing import Any
from urllib.parse import urlsplit

from pyarrow import fs

from embaudit.errors import UsageError

ACCOUNT = ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME")
KEY = ("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY")
TOKEN = ("AZURE_STORAGE_SAS_TOKEN",)
STRING = ("AZURE_STORAGE_CONNECTION_STRING",)  # AccountName=...;AccountKey=...;BlobEndpoint=...


def azure_store() -> Any:
    """The file system of the account. Raises UsageError where none is named."""
    if not hasattr(fs, "AzureFileSystem"):
        raise UsageError("az:// needs a pyarrow that was built with Azure.", "Install another.")
    given = _connection()
    account = _first_of(ACCOUNT) or given.get("AccountName")
    if not account:
        raise UsageError(
            "az://: no storage account is named.",
            f"Set {ACCOUNT[0]}, and {KEY[0]} or {TOKEN[0]} where it needs one; or {STRING[0]}.",
        )
    key = _first_of(KEY) or given.get("AccountKey")
    token = _first_of(TOKEN) or given.get("SharedAccessSignature")
    return fs.AzureFileSystem(account, account_key=key, sas_token=token, **_place(given))


def _connection() -> dict[str, str]:
    """The parts of the connection string, of which keys end in `=`."""
    parts = (part.partition("=") for part in (_first_of(STRING) or "").split(";"))
    return {name.strip(): value.strip() for name, _, value in parts}


def _place(given: dict[str, str]) -> dict[str, str]:
    """Where the services are, if not at Azure: an emulator says both in one."""
    blob = given.get("BlobEndpoint")
    if not blob:
        return {}
    found: dict[str, str] = {}
    for service, url in (("blob", blob), ("dfs", given.get("DfsEndpoint", blob))):
        parts = urlsplit(url)
        found |= {f"{service}_storage_authority": parts.netloc}
        found |= {f"{service}_storage_scheme": parts.scheme}
    return found


def _first_of(names: tuple[str, ...]) -> str | None:
    return next((os.environ[name] for name in names if os.environ.get(name)), None)
