"""Accounts over REST: registering, logging in, and what others may see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client

from quotes_service.accounts import credentials
from quotes_service.models import Quote, User
from tests.quotes_service.conftest import as_user
from tests.rest_api import Api, Response

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def register(api: Api, **values: Any) -> Response:
    body = {"username": "carol", "password": PASSWORD, "email": "carol@example.com"}
    return api("POST", "/users", body | values)


def test_whoever_registers_can_write_at_once(api: Api) -> None:
    response = register(api)
    assert response.status == 201
    own = {"id", "username", "email", "joined_at"}
    tokens = {"token", "expires_at", "refresh_token", "refresh_expires_at", "device_token"}
    assert set(response.body) == own | tokens
    assert (response.body["username"], response.body["email"]) == ("carol", "carol@example.com")
    assert response.headers["Cache-Control"] == "no-store"
    written = Api(response.body["token"])("POST", "/quotes", {"title": "Mine"})
    assert written.body["created_by"] == response.body["id"]


def test_passwords_are_kept_as_argon2id_at_owasp_cost(api: Api) -> None:
    register(api)
    kept = User.objects.get().password
    assert identify_hasher(kept).algorithm == "argon2"
    assert "$argon2id$" in kept
    assert "m=19456,t=2,p=1" in kept
    assert PASSWORD not in kept


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"username": ""}, {"username": "blank"}),
        ({"username": "x" * 151}, {"username": "too_long"}),
        ({"username": "a b"}, {"username": "invalid"}),
        ({"username": "<script>"}, {"username": "invalid"}),
        ({"username": 5}, {"username": "invalid"}),
        ({"email": "nobody"}, {"email": "invalid"}),
        ({"password": ""}, {"password": "blank"}),
        ({"password": "x9+kq" * 205}, {"password": "too_long"}),
        ({"password": "x9+kq"}, {"password": "password_too_short"}),
        ({"password": "password123"}, {"password": "password_too_common"}),
        ({"password": "92837465019"}, {"password": "password_entirely_numeric"}),
        (
            {"password": "carol-carol", "username": "carol-carol"},
            {"password": "password_too_similar"},
        ),
    ],
)
def test_a_wrong_field_is_named(api: Api, values: dict[str, Any], fields: dict[str, str]) -> None:
    response = register(api, **values)
    assert (response.status, response.field_codes) == (422, fields)
    assert not User.objects.exists()


def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    response = register(api, username="a b", email="nobody", password="short")
    assert set(response.field_codes) == {"username", "email", "password"}


@pytest.mark.parametrize("username", ["Zoë", "李白", "o.k@x+y-z_1", "x" * 150])
def test_names_of_all_scripts_are_welcome(api: Api, username: str) -> None:
    assert register(api, username=username).body["username"] == username


def test_nul_in_a_name_or_password_is_a_bad_request(api: Api) -> None:
    assert register(api, username="a\x00b").code == "invalid_request"
    assert register(api, password="a\x00bcdefghij").code == "invalid_request"


def test_a_name_is_taken_once(api: Api) -> None:
    register(api)
    response = register(api, email="other@example.com")
    assert (response.status, response.field_codes) == (422, {"username": "taken"})


def test_names_that_look_alike_to_unicode_are_one_name(api: Api) -> None:
    register(api, username="ｃａｒｏｌ")  # noqa: RUF001 - the fullwidth letters are the trial
    assert register(api, username="carol").field_codes == {"username": "taken"}


def test_a_password_is_not_trimmed(api: Api) -> None:
    register(api, password=f"  {PASSWORD} ")
    assert api("POST", "/tokens", {"username": "carol", "password": PASSWORD}).status == 401
    body = {"username": "carol", "password": f"  {PASSWORD} "}
    assert api("POST", "/tokens", body).status == 201


def test_log_in_answers_a_token_and_the_user(api: Api) -> None:
    registered = register(api)
    response = api("POST", "/tokens", {"username": " carol ", "password": PASSWORD})
    assert response.status == 201
    assert response.body["user"] == {
        name: registered.body[name] for name in ("id", "username", "email", "joined_at")
    }
    assert Api(response.body["token"])("POST", "/quotes", {"title": "x"}).status == 201


def test_a_password_too_long_for_any_account_is_not_even_tried(api: Api) -> None:
    response = api("POST", "/tokens", {"username": "carol", "password": "x" * 1025})
    assert (response.status, response.field_codes) == (422, {"password": "too_long"})


def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nothing(api: Api) -> None:
    register(api)
    wrong_password = api("POST", "/tokens", {"username": "carol", "password": "wrong"})
    wrong_name = api("POST", "/tokens", {"username": "nobody", "password": "wrong"})
    assert wrong_password.status == wrong_name.status == 401
    assert wrong_password.code == "invalid_credentials"
    assert wrong_password.body == wrong_name.body


def test_a_log_in_hashes_once_whether_the_name_exists_or_not(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash is all that takes time: as many of them, as much time."""
    register(api)
    hashes: list[str] = []

    def hash_once(*args: object, **kwargs: object) -> str:
        hashes.append("x")
        return "argon2$x"

    hasher = "quotes_service.accounts.hashers.OwaspArgon2PasswordHasher"
    monkeypatch.setattr(f"{hasher}.encode", hash_once)
    monkeypatch.setattr(f"{hasher}.verify", hash_once)
    for username in ("carol", "nobody"):
        hashes.clear()
        api("POST", "/tokens", {"username": username, "password": "wrong password"})
        assert len(hashes) == 1, username


def test_a_deactivated_user_can_not_log_in(api: Api) -> None:
    register(api)
    User.objects.update(is_active=False)
    response = api("POST", "/tokens", {"username": "carol", "password": PASSWORD})
    assert (response.status, response.code) == (401, "invalid_credentials")


def test_a_deactivated_user_can_not_write(ann: User, make_quote: Callable[..., Quote]) -> None:
    caller, quote = as_user(ann), make_quote()
    User.objects.update(is_active=False)
    for method, path in (("POST", "/quotes"), ("PATCH", f"/quotes/{quote.id}")):
        response = caller(method, path, {"title": "x"})
        assert (response.status, response.code) == (401, "invalid_token")
        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert Quote.objects.get().title == "Simplify."


def test_a_deleted_user_can_not_write(ann: User) -> None:
    caller = as_user(ann)
    ann.delete()
    assert caller("POST", "/quotes", {"title": "x"}).code == "invalid_token"


def test_staff_who_lost_their_rank_have_it_no_longer(
    staff: User, make_quote: Callable[..., Quote]
) -> None:
    caller = as_user(staff)
    User.objects.filter(id=staff.id).update(is_staff=False)
    assert caller("DELETE", f"/quotes/{make_quote().id}").status == 403


def test_an_e_mail_address_is_seen_by_its_owner_and_staff_only(
    ann: User, bob: User, staff: User, api: Api
) -> None:
    for caller, sees in (
        (api, False),
        (as_user(bob), False),
        (as_user(ann), True),
        (as_user(staff), True),
    ):
        one = caller("GET", f"/users/{ann.id}").body
        several = caller("GET", f"/users?id={ann.id}").body["items"][0]
        listed = caller("GET", "/users").body["items"][0]
        assert one == several == listed
        assert ("email" in one) is sees
        assert set(one) - {"email"} == {"id", "username", "joined_at"}


def test_staff_who_lost_their_rank_see_no_e_mail_address_of_others_any_more(
    ann: User, staff: User
) -> None:
    caller = as_user(staff)
    User.objects.filter(id=staff.id).update(is_staff=False)
    listed = caller("GET", "/users").body["items"]
    assert [item["username"] for item in listed if "email" in item] == ["staff"]
    assert "email" not in caller("GET", f"/users?id={ann.id}").body["items"][0]
    assert "email" not in caller("GET", f"/users/{ann.id}").body


def test_staff_whose_account_was_closed_read_as_staff_no_more(ann: User, staff: User) -> None:
    caller = as_user(staff)
    User.objects.filter(id=staff.id).update(is_active=False)
    for path in ("/users", f"/users/{ann.id}"):
        assert caller("GET", path).code == "invalid_token"


def test_nobody_ever_sees_a_password(ann: User, staff: User) -> None:
    ann.set_password(PASSWORD)
    ann.save()
    responses = [as_user(staff)("GET", path).body for path in ("/users", f"/users/{ann.id}")]
    assert "argon2" not in str(responses)


def test_users_are_listed_in_pages(api: Api, make_user: Callable[..., User]) -> None:
    made = [make_user(f"user{n}").id for n in range(5)]
    seen: list[int] = []
    query = ""
    while True:
        body = api("GET", f"/users?limit=2{query}").body
        seen += [item["id"] for item in body["items"]]
        if not body["page_info"]["has_next"]:
            break
        query = f"&after={body['page_info']['end_cursor']}"
    assert seen == made
    assert api("GET", "/users?after=zzz").code == "invalid_cursor"
    assert api("GET", "/users?limit=101").field_codes == {"limit": "too_large"}


def test_several_users_are_read_at_once(
    api: Api, ann: User, bob: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(1):
        body = api("GET", f"/users?id={bob.id},{ann.id},999999").body
    assert [item["username"] for item in body["items"]] == ["ann", "bob"]


def test_a_user_that_is_not_there_is_not_found(api: Api, ann: User) -> None:
    for user_id in ("0", "999999", "10000000000000000000000", "x"):
        assert api("GET", f"/users/{user_id}").code == "not_found"


def test_a_bad_token_is_refused_where_the_answer_depends_on_it(api: Api, ann: User) -> None:
    for header in ("Bearer x.y.z", "Basic abc", "Bearer"):
        response = api("GET", f"/users/{ann.id}", headers={"Authorization": header})
        assert (response.status, response.code) == (401, "invalid_token"), header


def test_registering_and_logging_in_work_beside_a_stale_token(api: Api) -> None:
    stale = {"Authorization": "Bearer x.y.z"}
    account = {"username": "cleo", "password": "a long password 7"}
    assert api("POST", "/users", account, stale).status == 201
    assert api("POST", "/tokens", account, stale).status == 201


def test_two_who_register_one_name_at_once_get_one_account(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check passed for both, as if the other had not committed yet."""
    monkeypatch.setattr(credentials, "_errors_of", lambda user, password: [])
    response = register(Api(), username="ann")
    assert (response.status, response.field_codes) == (422, {"username": "taken"})


def test_a_page_of_another_site_gets_no_session(client: Client) -> None:
    assert not client.get("/quotes").cookies
