"""Settings are read once, and what makes no sense is refused by name."""

import pytest

from core.settings import Settings, SettingsError, read_settings


def test_an_empty_environment_gives_the_embedded_database_and_broker() -> None:
    found = read_settings({})
    assert (found.database_url, found.owner_url, found.broker_url, found.demo) == (None, None, None, False)
    assert (found.host, found.port) == (Settings().host, Settings().port)


def test_what_is_set_is_read() -> None:
    found = read_settings(
        {
            "DATABASE_URL": "postgresql://a@b/c",
            "BROKER_URL": "redis://r",
            "LEDIG_PORT": "81",
            "LEDIG_DEMO": "yes",
            "LEDIG_PUBLIC_URL": "https://ledig.example/",
            "LEDIG_ALLOWED_HOSTS": "Ledig.example, ledig-1.intern",
            "LEDIG_TRUSTED_PROXIES": "10.0.0.7, fd00::/8",
            "LEDIG_CALL_NETWORKS": "10.20.0.0/16,127.0.0.1",
        }
    )
    assert found.call_networks == ("10.20.0.0/16", "127.0.0.1")
    assert found.allowed_hosts == ("ledig.example", "ledig-1.intern")
    assert found.trusted_proxies == ("10.0.0.7", "fd00::/8")
    assert (found.database_url, found.broker_url, found.port) == ("postgresql://a@b/c", "redis://r", 81)
    assert (found.demo, found.public_url) == (True, "https://ledig.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://a:secret@b/c"),
        ("DATABASE_OWNER_URL", "secret"),
        ("BROKER_URL", "kafka://secret"),
        ("LEDIG_PORT", "99999"),
        ("LEDIG_WEB_WORKERS", "0"),
        ("LEDIG_POOL_SIZE", "many"),
        ("LEDIG_DEMO", "perhaps"),
        ("LEDIG_ALLOWED_HOSTS", "https://ledig.example"),
        ("LEDIG_ALLOWED_HOSTS", "ledig.example,*"),
        ("LEDIG_ALLOWED_HOSTS", "ledig.example:8000"),
        ("LEDIG_TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("LEDIG_CALL_NETWORKS", "10.20.0.1/16"),
        ("LEDIG_CALL_NETWORKS", "door.example"),
        ("LEDIG_LIMITS", "search=often"),
        ("LEDIG_STRIPE_KEY", "pk_test_secret"),
        ("LEDIG_STRIPE_KEY", "sk_test_secret_without_the_others"),
        ("LEDIG_STRIPE_SECRETS", "secret"),
        ("LEDIG_STRIPE_SECRETS", "whsec_secret1,whsec_secret2,whsec_secret3"),
        ("LEDIG_STRIPE_URL", "secret"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        read_settings({name: value})
    assert "secret" not in str(refused.value)


def test_a_live_key_leads_to_stripe_and_nowhere_else() -> None:
    given = {"LEDIG_STRIPE_KEY": "sk_live_0123456789", "LEDIG_STRIPE_SECRETS": "whsec_1,whsec_2"}
    assert read_settings(given).stripe_secrets == ("whsec_1", "whsec_2")
    with pytest.raises(SettingsError, match="LEDIG_STRIPE_URL"):
        read_settings({**given, "LEDIG_STRIPE_URL": "http://127.0.0.1:1"})
