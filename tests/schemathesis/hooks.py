"""What Schemathesis does not know of this API."""

import re
import uuid

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.generation import GenerationMode

# Faults of a schema, as `contract` names them. Not `required`: what the vendor's people must name, a partner's may leave
# out. Not `pattern`: it can be U+0000, which no database keeps.
OF_A_SCHEMA = {"unknown_field", "unknown_parameter", "too_long", "too_short", "too_many", "too_few"}


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key is good for one request: a valid one is made new for each."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,255}", key):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


class RefusesWhatItsSchemaAccepts(Failure):
    """The server refuses by the schema what the published schema accepts."""

    title = "Refuses what its schema accepts"


@schemathesis.check
def enforces_its_own_schema(ctx, response, case):
    """What the document's schemas accept, the server's check by schemas accepts too."""
    meta = case.meta
    if meta is None or meta.generation.mode != GenerationMode.POSITIVE or response.status_code not in (400, 422):
        return
    problem = response.json()
    if problem.get("code") not in ("invalid_body", "invalid_parameter"):
        return
    faults = [fault for fault in problem.get("errors", []) if fault.get("code") in OF_A_SCHEMA]
    if faults:
        raise RefusesWhatItsSchemaAccepts(
            operation=case.operation.label, message=f"The server refuses by its schema: {faults}"
        )
