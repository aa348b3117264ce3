"""The whole error tree.

::

    AppError(code, text)
    ├── UserError              its text is for the clerk: what happened, what is safe, what to do
    │   ├── InvalidInputError  by field
    │   ├── NotFoundError
    │   ├── RuleError          a rule of the field or of the law says no
    │   ├── NotAllowedError    this role may not do this act
    │   └── StaleRecordError   somebody changed the record meanwhile
    ├── ExternalError          the world's fault; a retry may help
    │   ├── StorageError       disk full, file damaged, wrong key, newer file
    │   ├── PrintError
    │   ├── OfflineError       the district cannot be reached
    │   ├── AuthError          the district does not know this device, or no longer
    │   └── ProtocolError      an answer that is not of the protocol
    ├── BugError               ours
    └── Cancelled              the person stopped it; silent

``code`` is a stable identifier (``area.what``) that front ends show small, for the phone.
"""

from collections.abc import Mapping


class AppError(Exception):
    """Root of all errors that this program raises on purpose."""

    code = "app.error"

    def __init__(self, text: str, *, code: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        if code is not None:
            self.code = code


class UserError(AppError):
    """A plain sentence for the person at the counter."""

    code = "user.error"


class InvalidInputError(UserError):
    """Bad input, told field by field.

    ``fields`` maps the field's name to a sentence. The text joins them.
    """

    code = "input.invalid"

    def __init__(self, fields: Mapping[str, str], *, code: str | None = None) -> None:
        super().__init__("；".join(dict.fromkeys(fields.values())), code=code)
        self.fields = dict(fields)


class NotFoundError(UserError):
    """What was asked for is not here."""

    code = "record.not_found"


class RuleError(UserError):
    """A rule of the field, or of the law, says no."""

    code = "rule.refused"


class NotAllowedError(UserError):
    """The person's role may not do this act."""

    code = "role.not_allowed"


class StaleRecordError(UserError):
    """Somebody else changed the record since it was read."""

    code = "record.stale"


class ExternalError(AppError):
    """The world's fault; trying again may help."""

    code = "external.error"


class StorageError(ExternalError):
    """Disk, file or key: nothing was saved."""

    code = "storage.error"


class PrintError(ExternalError):
    """Paper, printer or a missing glyph."""

    code = "print.error"


class OfflineError(ExternalError):
    """The district server cannot be reached."""

    code = "sync.offline"


class AuthError(ExternalError):
    """The district server does not accept this device."""

    code = "sync.auth"


class ProtocolError(ExternalError):
    """The answer is not one of the protocol."""

    code = "sync.protocol"


class BugError(AppError):
    """Our mistake. ``report``: the file that says where, if one was written."""

    code = "bug"
    report = ""


class Cancelled(AppError):
    """The person stopped it."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("")
