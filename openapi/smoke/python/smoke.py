"""Every step of a connector in Python, with the client that `make sdk` generates."""

import os
import time
import uuid
from collections.abc import Iterator
from datetime import date
from typing import TypeVar

from entente_client import AuthenticatedClient, Client
from entente_client.api.auth import create_token
from entente_client.api.deal_registrations import (
    create_deal_registration,
    list_deal_registrations,
    submit_deal_registration,
)
from entente_client.api.events import list_events
from entente_client.models import (
    DealAccount,
    DealRegistration,
    Event,
    GrantType,
    Money,
    NewDealRegistration,
    Problem,
    TokenRequest,
)
from entente_client.types import UNSET

BASE_URL = os.environ.get("ENTENTE_URL", "http://127.0.0.1:8080")
USER = os.environ.get("ENTENTE_USER", "partner@northwind.example")
PASSWORD = os.environ.get("ENTENTE_PASSWORD", "partner-program-demo")


class Refused(Exception):
    """The server's answer is a problem; branch on its code."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail} (request {problem.request_id})")
        self.code = problem.code


T = TypeVar("T")


def answered(answer: T | Problem | None) -> T:
    if isinstance(answer, Problem):
        raise Refused(answer)
    assert answer is not None, "the server gave an answer that the document does not know"
    return answer


def sign_in() -> AuthenticatedClient:
    request = TokenRequest(grant_type=GrantType.PASSWORD, username=USER, password=PASSWORD)
    tokens = answered(create_token.sync(client=Client(base_url=BASE_URL), body=request))
    say("signed in", f"{USER} may: {tokens.scope}")
    return AuthenticatedClient(base_url=BASE_URL, token=tokens.access_token)


def register(
    client: AuthenticatedClient, wanted: NewDealRegistration, key: str
) -> tuple[DealRegistration, bool]:
    answer = create_deal_registration.sync_detailed(client=client, body=wanted, idempotency_key=key)
    return answered(answer.parsed), answer.headers.get("Idempotency-Replayed") == "true"


def all_deals(client: AuthenticatedClient) -> Iterator[list[DealRegistration]]:
    cursor: str | None = None
    while True:
        page = answered(list_deal_registrations.sync(client=client, limit=10, cursor=cursor or UNSET))
        yield page.data
        cursor = page.next_cursor
        if cursor is None:
            return


def events_after(client: AuthenticatedClient, after: str | None) -> tuple[list[Event], str | None]:
    page = answered(list_events.sync(client=client, limit=200, after=after or UNSET))
    return page.data, page.next_cursor or after


def end_of_feed(client: AuthenticatedClient) -> str | None:
    events, cursor = events_after(client, None)
    while events:
        events, cursor = events_after(client, cursor)
    return cursor


def submit_again(client: AuthenticatedClient, deal: DealRegistration) -> str:
    match submit_deal_registration.sync(deal.id, client=client):
        case Problem(code="invalid_transition", detail=detail):
            return detail  # It was submitted before: for many callers as good as done.
        case Problem() as problem:
            raise Refused(problem)
        case _:
            raise AssertionError("a registration was submitted twice")


def say(step: str, what: str) -> None:
    print(f"python      {step:<10} {what}", flush=True)


def main() -> None:
    client = sign_in()
    cursor = end_of_feed(client)

    key = str(uuid.uuid4())
    wanted = NewDealRegistration(
        program="reseller",
        title="200 seats",
        account=DealAccount(name="Python Works GmbH", domain="python-works.example", country="DE"),
        products=["core"],
        amount=Money(amount="48000.50", currency="EUR"),
        expected_close_on=date(2027, 3, 31),
        submit=True,
    )
    deal, _ = register(client, wanted, key)
    assert deal.amount.amount == "48000.50", "money stays the decimal string that was sent"
    say("registered", f"{deal.id}, {deal.amount.amount} {deal.amount.currency}, {deal.status}")

    again, replayed = register(client, wanted, key)
    assert replayed and again.id == deal.id, "the same key gives the first answer again"
    say("repeated", f"the same key, the same {again.id}")

    pages = [[each.id for each in page] for page in all_deals(client)]
    ids = {each for page in pages for each in page}
    assert len(pages) > 1 and deal.id in ids, "several pages, and the new registration on one of them"
    say("paged", f"{len(ids)} registrations on {len(pages)} pages")

    deadline = time.monotonic() + 10
    told: list[Event] = []
    while not told:
        assert time.monotonic() < deadline, "the feed tells of the registration within 10 seconds"
        events, cursor = events_after(client, cursor)
        told = [event for event in events if event.subject == deal.id]
    say("followed", f"{told[0].type_} as {told[0].id}")

    say("conflict", submit_again(client, deal))


if __name__ == "__main__":
    main()
