import pytest

from serving.hosts import HOSTS_REMEMBERED, Hosts


@pytest.mark.parametrize(
    "address", ["//localhost", "//127.0.0.1:5050", "//[::1]:5050", "http://LOCALHOST:1", "//127.9.9.9"]
)
def test_this_machine_is_trusted(address):
    assert Hosts().trusts(address)


@pytest.mark.parametrize(
    "address", ["", "//", "null", "//evil.example", "//0.0.0.0", "//[", "//localhost@evil.example"]
)
def test_nothing_else_is(address):
    assert not Hosts().trusts(address)


def test_names_are_trusted_whatever_their_case_port_or_blanks():
    hosts = Hosts([" Router.example ", "[2001:db8::1]", ""])
    for address in ("//router.example", "https://ROUTER.example:8443", "//[2001:db8::1]:5050"):
        assert hosts.trusts(address)
    assert not hosts.trusts("//sub.router.example")


def test_many_names_do_not_fill_the_memory():
    hosts = Hosts()
    for number in range(2 * HOSTS_REMEMBERED):
        hosts.trusts(f"//{number}.example")
    assert hosts.trusts.cache_info().currsize == HOSTS_REMEMBERED
