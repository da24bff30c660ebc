"""Only this user's browser is answered, and only as this machine."""

from dataclasses import replace

import pytest

from avdf.cli.page.access import Access
from tests.helpers.page_server import Client

PATHS = ("/", "/jobs", "/static/page.js", "/jobs/1/media", "/nowhere")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_answered_without_the_token(client: Client, path: str) -> None:
    for token in (None, "wrong", ""):
        answer = replace(client, token=token).get(path)
        assert answer.status == 403
        assert "token" in answer.text


def test_the_token_in_the_address_becomes_a_cookie_that_scripts_cannot_read(
    client: Client,
) -> None:
    stranger = replace(client, token=None)
    answer = stranger.get(f"/?token={client.token}", Origin=None)
    assert answer.status == 200
    cookie = answer.headers["set-cookie"]
    assert cookie == (
        f"avdf_{client.port}={client.token}; Path=/; HttpOnly; SameSite=Strict"
    )
    assert "set-cookie" not in client.get("/").headers


def test_a_program_may_give_the_token_in_a_header(client: Client) -> None:
    program = replace(client, token=None)
    answer = program.get("/jobs", Origin=None, X_Avdf_Token=client.token)
    assert answer.status == 200
    assert program.get("/jobs", X_Avdf_Token="wrong").status == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example:{port}",
        "",
        None,
    ],
)
def test_a_name_that_leads_here_is_not_this_server(
    client: Client, host: str | None
) -> None:
    # DNS rebinding: the page of another site, whose name now resolves to the loopback address.
    given = None if host is None else host.format(port=client.port)
    answer = client.get("/jobs", Host=given, Origin=None)
    assert answer.status in (400, 421)


def test_localhost_is_this_server(client: Client) -> None:
    name = f"localhost:{client.port}"
    assert client.get("/jobs", Host=name, Origin=f"http://{name}").status == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_requests_of_other_pages_are_refused(
    client: Client, method: str, origin: str
) -> None:
    answer = client.ask(method, "/jobs", Origin=origin.format(port=client.port))
    assert answer.status == 403
    assert answer.text == "another page sent this request\n"


def test_what_changes_something_must_say_where_it_comes_from(client: Client) -> None:
    assert client.ask("POST", "/jobs?name=a", b"", Origin=None).status == 403
    assert client.ask("DELETE", "/jobs/9", Origin=None).status == 403
    assert client.get("/jobs", Origin=None).status == 200


def test_what_another_site_embeds_is_refused(client: Client) -> None:
    for site in ("cross-site", "same-site"):
        answer = client.get(
            "/jobs", Origin=None, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors"
        )
        assert answer.status == 403


def test_a_link_to_the_printed_address_may_stand_on_another_page(
    client: Client,
) -> None:
    answer = client.get(
        f"/?token={client.token}",
        Origin=None,
        Sec_Fetch_Site="cross-site",
        Sec_Fetch_Mode="navigate",
    )
    assert answer.status == 200


@pytest.mark.parametrize("path", [*PATHS, "/jobs/1/result"])
def test_every_answer_forbids_scripts_and_content_from_elsewhere(
    client: Client, path: str
) -> None:
    for answer in (client.get(path), replace(client, token=None).get(path)):
        policy = answer.headers["content-security-policy"].split("; ")
        assert policy[0] == "default-src 'none'"
        assert all(
            rule.endswith((" 'self'", " 'none'")) and rule.count("'") == 2
            for rule in policy
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


def test_a_program_with_a_wrong_token_is_told_of_the_token(client: Client) -> None:
    wrong = {"Origin": None, "X-Avdf-Token": "wrong"}
    answer = client.ask("POST", "/jobs?name=a", b"x", **wrong)
    assert answer.status == 403
    assert "token" in answer.text


def test_two_servers_have_two_secrets_and_do_not_show_them() -> None:
    first, second = Access(1), Access(1)
    assert first.token != second.token
    assert first.token not in repr(first)
    assert first.token in first.address
