"""The services of apprise that a channel may use: each only makes calls over the network.

Others write to this machine (syslog, D-Bus, the desktop) or need a program on it.
"""

SERVICES = frozenset(
    """
    bark barks discord form forms gchat gotify gotifys hassio hassios ifttt json jsons line mailgun
    mailto mailtos mastodon mastodons matrix matrixs mmost mmosts nctalk nctalks ntfy ntfys o365
    opsgenie pagerduty pbul pover prowl pushy resend revolt rocket rockets sendgrid signal signals
    signl4 slack smtp2go sns sparkpost splunk squadcast tgram threema twilio victorops vonage webex
    whatsapp workflow workflows wxteams xml xmls zulip
    """.split()  # noqa: SIM905 -- sixty lines otherwise
)
"""The part of an address before ``://``."""
