"""The pages of ``docs/help`` that documents, mails and the portal link to, wherever the issuer publishes them."""

from prisma_batch.records.settings import ContactPoint


def help_link(contact_point: ContactPoint, page: str) -> str:
    """Return the address of a page such as ``mails/payment_reminder``; nothing where the issuer names no place."""
    return (contact_point.help_url or "").replace("{page}", page)
