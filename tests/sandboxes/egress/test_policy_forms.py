"""Every form of a policy request becomes one stored form, which reads back without secrets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.engine.egress.headers import changes
from sandboxes.engine.egress.policy import PolicyError, parse, stored
from sandboxes.engine.egress.response_form import read_back, read_back_for_sdk

SECRET = "Bearer-hush"
LABELS = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
HOSTS = st.builds(".".join, st.lists(LABELS, min_size=2, max_size=4))
DOMAINS = st.one_of(HOSTS, HOSTS.map("*.{}".format), st.just("*"), HOSTS.map("{}:8443".format))
MATCHERS = st.sampled_from(["exact", "startsWith", "regex"]).flatmap(
    lambda kind: st.fixed_dictionaries({kind: st.from_regex(r"/[a-z]{0,6}", fullmatch=True)})
)
PAIRS = st.lists(st.fixed_dictionaries({"key": MATCHERS, "value": MATCHERS}), max_size=2)
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "path": MATCHERS,
        "method": st.lists(st.sampled_from(["GET", "POST"]), max_size=2),
        "queryString": PAIRS,
        "headers": PAIRS,
    },
)
ACTIONS = st.one_of(
    st.just({"transform": [{"headers": {"authorization": SECRET}}]}),
    st.builds(lambda host: {"forwardURL": f"https://{host}/p"}, HOSTS),
    st.just({"response": {"statusCode": 418, "body": "no", "headers": {"x-why": SECRET}}}),
)
RULES = st.builds(lambda match, action: {"match": match, **action}, MATCHES, ACTIONS)
SUBNETS = st.fixed_dictionaries(
    {},
    optional={
        "allow": st.lists(st.sampled_from(["192.0.2.0/24", "2001:db8::/32"]), max_size=2),
        "deny": st.lists(st.sampled_from(["198.51.100.7", "8.8.0.0/16"]), max_size=2),
    },
)
REQUESTS = st.one_of(
    st.sampled_from(["deny-all", "allow-all", "internet", "registries"]),
    st.sampled_from([{"mode": "deny-all"}, {"mode": "allow-all"}, {"mode": "registries"}]),
    st.builds(
        lambda allow, subnets: {"allow": allow, "subnets": subnets},
        st.one_of(
            st.lists(DOMAINS, max_size=4),
            st.dictionaries(DOMAINS, st.lists(RULES, max_size=3), max_size=4),
        ),
        SUBNETS,
    ),
    st.builds(
        lambda domains, injected: {
            "mode": "custom",
            "allowedDomains": domains,
            "deniedCIDRs": ["10.0.0.0/8"],
            "injectionRules": [{"domain": d, "headers": {"x-key": SECRET}} for d in injected],
        },
        st.lists(DOMAINS, max_size=3),
        st.lists(HOSTS, max_size=2),
    ),
)


@given(REQUESTS)
def test_the_stored_form_is_a_request_that_means_the_same(request):
    policy = parse(request)
    again = json.loads(json.dumps(stored(policy)))
    assert parse(again) == policy
    assert stored(parse(again)) == stored(policy)


@given(REQUESTS)
def test_no_header_value_is_read_back(request):
    policy = parse(request)
    assert SECRET not in json.dumps([read_back(policy), read_back_for_sdk(policy, ["a.example"])])


@given(REQUESTS)
def test_clients_of_the_field_read_back_one_of_their_three_modes(request):
    form = read_back_for_sdk(parse(request), ["registry.example"])
    assert form["mode"] in ("allow-all", "deny-all", "custom")
    assert "allow" not in form


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: (
    st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["mode", "allow", "subnets", "allowedDomains", "injectionRules", "x"])
        | st.text(max_size=5), inner, max_size=4)
)))  # fmt: skip
def test_nonsense_is_refused_with_a_sentence_or_understood(request):
    try:
        policy = parse(request)
    except PolicyError as error:
        assert str(error)
    else:
        assert parse(stored(policy)) == policy


def test_names_are_stored_in_one_spelling():
    policy = parse({"allow": ["API.Example.COM.", "*.Example.org", "bücher.example"]})
    assert list(policy.allow) == ["api.example.com", "*.example.org", "xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "domain",
    ["user@example.com", "http://example.com", "exa mple.com", "*.1.2.3.4", "a.*.example", "",
     "example.com:0", "example.com:99999", "0x7f.1", "127.1", "-.example", "a" * 300],
)  # fmt: skip
def test_what_is_no_host_name_is_refused(domain):
    with pytest.raises(PolicyError):
        parse({"allow": [domain]})


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"transform": [{"headers": {"x": "a\r\nb: c"}}]}, "line breaks"),
        ({"transform": [{"headers": {"Host": "other.example"}}]}, "cannot be set"),
        ({"transform": [{"headers": {"Transfer-Encoding": "chunked"}}]}, "cannot be set"),
        ({"match": {"path": {"regex": "(?=a)"}}, "forwardURL": "https://a.example"}, "RE2"),
        ({"match": {"path": {"exact": "/", "regex": "a"}}, "forwardURL": "https://a.example"},
         "one of exact"),
        ({"forwardURL": "https://user:pass@a.example"}, "without a user name"),
        ({"forwardURL": "file:///etc/passwd"}, "http or https"),
        ({"forwardURL": "https://a.example", "response": {"statusCode": 200}}, "one of transform"),
        ({"teleport": True, "response": {"statusCode": 200}}, "Extra inputs"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_hold_is_refused_with_its_reason(rule, complaint):
    with pytest.raises(PolicyError, match=complaint):
        parse({"allow": {"example.com": [rule]}})


def test_a_policy_beyond_its_size_is_refused():
    with pytest.raises(PolicyError, match="64 KiB"):
        parse({"allow": {f"a{n}.example": [
            {"response": {"statusCode": 200, "body": "x" * 9000}}] for n in range(8)}})  # fmt: skip


def test_credentials_of_an_error_are_not_repeated():
    with pytest.raises(PolicyError) as error:
        parse({"allow": {"a.example": [{"transform": [{"headers": {"x": SECRET + "\n"}}]}]}})
    assert SECRET not in str(error.value)


def test_the_legacy_form_becomes_rules_of_its_domains():
    policy = parse(
        {
            "mode": "custom",
            "allowedDomains": ["a.example"],
            "allowedCIDRs": ["192.0.2.0/24"],
            "deniedCIDRs": ["192.0.2.9"],
            "injectionRules": [{"domain": "b.example", "headers": {"X-Key": SECRET}}],
        }
    )
    assert read_back(policy) == {
        "mode": "custom",
        "allowedDomains": ["a.example", "b.example"],
        "allowedCIDRs": ["192.0.2.0/24"],
        "deniedCIDRs": ["192.0.2.9/32"],
        "injectionRules": [{"domain": "b.example", "headerNames": ["X-Key"]}],
    }


def test_names_of_headers_are_read_back_as_they_were_sent():
    transforms = [{"headers": {"X-Zed": SECRET, "authorization": SECRET}}, {"headers": {"Ab": "1"}}]
    kept = stored(parse({"allow": {"a.example": [{"transform": transforms}]}}))
    # As a database hands it back that sorts the names of objects.
    again = parse(json.loads(json.dumps(kept, sort_keys=True)))
    names = read_back(again)["injectionRules"][0]["headerNames"]
    assert names == ["X-Zed", "authorization", "Ab"]


def test_names_of_headers_that_differ_in_their_letters_are_one_to_the_server():
    transforms = [{"headers": {"X-Key": "old"}}, {"headers": {"x-key": "new"}}]
    (rule,) = parse({"allow": {"a.example": [{"transform": transforms}]}}).allow["a.example"]
    assert changes([rule]) == {b"x-key": b"new"}
