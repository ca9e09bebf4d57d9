"""The codes that customers see, in words: English here, other languages in ``templates/locale``."""

from collections.abc import Mapping


def N_(message: str) -> str:  # noqa: N802 - the name by which messages to translate are found
    """Mark a message for the catalogs; it is translated where it is printed."""
    return message


LABELS: Mapping[str, str] = {
    # kinds of documents and movements
    "invoice": N_("Invoice"),
    "credit_note": N_("Credit note"),
    "fee": N_("Fee"),
    "opening_item": N_("Opening item"),
    "payment": N_("Payment"),
    "reversal": N_("Returned payment"),
    "refund": N_("Refund"),
    "adjustment": N_("Adjustment"),
    "discount": N_("Discount"),
    "bank_fee": N_("Bank fee"),
    "tolerance": N_("Small difference"),
    "write_off": N_("Write-off"),
    "waiver": N_("Waiver"),
    "exchange": N_("Exchange difference"),
    # what changed since the last statement
    "change_settled": N_("Settled"),
    "change_open": N_("Open amount"),
    "change_due_on": N_("Due"),
    "change_overdue": N_("Now overdue"),
    "change_disputed": N_("Disputed"),
    "change_hold_began": N_("Now on hold"),
    "change_hold_ended": N_("On hold no longer"),
    # aging
    "not_due": N_("Not due"),
    "1_30": N_("1–30 days"),
    "31_60": N_("31–60 days"),
    "61_90": N_("61–90 days"),
    "91_120": N_("91–120 days"),
    "over_120": N_("Over 120 days"),
    "unapplied": N_("Credit not used yet"),
    "balance": N_("Balance"),
    # tax codes
    "standard": N_("Standard rate"),
    "reduced": N_("Reduced rate"),
    "zero": N_("Zero rate"),
    "exempt": N_("Exempt"),
    "reverse_charge": N_("Reverse charge"),
    "export": N_("Export"),
    "outside_scope": N_("Outside the scope of tax"),
    # outcomes of cases
    "outcome_payment_plan": N_("Payment plan"),
    "outcome_credit_note": N_("Credit note"),
    "outcome_refund": N_("Refund"),
    "outcome_write_off": N_("Write-off"),
    "outcome_extension": N_("More time to pay"),
    "outcome_late_fee_waiver": N_("Late fee not claimed"),
    "outcome_temporary_discount": N_("Temporary discount"),
    "outcome_promise": N_("Promise to pay"),
    "outcome_hold": N_("Reminders on hold"),
    "outcome_accepted": N_("Difference accepted"),
    "outcome_declined": N_("Declined"),
    # types of contacts
    "billing": N_("Invoices"),
    "statement": N_("Statements of account"),
    "usage_reporting": N_("Usage reports"),
    # usage and usage reports
    "usage": N_("Usage"),
    "invoiced": N_("Invoiced"),
    "expected": N_("Expected"),
    "submitted": N_("Submitted"),
    "revised": N_("Revised"),
    "late": N_("Late"),
    "missing": N_("Missing"),
    "estimated": N_("Missing, estimated"),
    # states of inquiries
    "open": N_("Open"),
    "waiting_customer": N_("Waiting for you"),
    "escalated": N_("Escalated"),
    "resolved": N_("Resolved"),
    "closed": N_("Closed"),
    # status of an account
    "good": N_("In good order"),
    "disputed": N_("Disputed"),
    "on_plan": N_("On a payment plan"),
    "overdue": N_("Overdue"),
    "plan_broken": N_("Payment plan broken"),
    "suspension_risk": N_("At risk of suspension"),
    "suspended": N_("Suspended"),
}
