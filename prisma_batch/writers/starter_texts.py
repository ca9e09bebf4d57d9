"""The files of a new workspace that are the same for everybody."""

RECORD_FOLDERS = ("agreements", "cases", "contacts", "invoices", "payments", "reports", "usage")

GITATTRIBUTES = """\
# Manifests hold the hashes of files as they are: git converts no line endings, anywhere.
* -text
"""

GITIGNORE = """\
# Tables and summaries of a run are committed, rendered documents are made again from the records.
/.prisma-cache/
/reports/.*
/reports/*/invoices/
/reports/*/outbox/
/reports/*/proposals/
/reports/*/site/
/reports/*/statements/
/reports/*/reconciliation.xlsx
"""

README = """\
# Billing records

Contacts, agreements and invoices as records, reconciled every month by `prisma-batch`.

| folder | holds |
| --- | --- |
| `contacts/` | customers and the people who receive their documents: `<account>.yaml` |
| `agreements/` | currency, terms, tax and rates of each customer: `<account>.yaml` |
| `invoices/` | issued documents: `<account>/<number>.yaml` |
| `usage/` | usage reports (`.yaml`) and metered usage (`.csv`, `.csv.gz`, `.parquet`), by month |
| `payments/` | bank files as they come, by month; `allocations/` for what a person decided |
| `cases/` | inquiries and what was granted: `<account>/<id>.yaml` |
| `reports/` | what a run publishes; written by the tool only |
| `schemas/` | for editors: what each field means |
| `prisma.yaml` | issuer, billing contact point, programs, partners, policies |

```sh
prisma-batch validate          # check the records
prisma-batch run YYYY-MM       # reconcile a month and publish reports/YYYY-MM
```
"""

SETTINGS_HEAD = """\
# yaml-language-server: $schema=schemas/prisma.schema.json
# "Your", "Street" and "Town", the addresses under .example and the telephone number stand for what only you know.
issuer:
  legal_name: Your Company
  address: ["Street 1", "1000 Town"]
  # country: NL
  # tax_id: NL001234567B01
  # bank_accounts:
  #   - {name: Main account, iban: NL60PRSM0800100200, currency: EUR}
  finance_email: finance@your-company.example
contact_point:                       # printed on everything that a customer sees
  email: billing@your-company.example
  phone: "+12025550123"
  hours:
    timezone: Etc/UTC
    weekly:
      monday: ["09:00-17:00"]
      tuesday: ["09:00-17:00"]
      wednesday: ["09:00-17:00"]
      thursday: ["09:00-17:00"]
      friday: ["09:00-17:00"]
"""

EMPTY_PROGRAMS = """\
programs: {}
# programs:
#   microsoft-spla: {name: Microsoft SPLA, source: reported, due_day: 10, late_policy: block}
#   my-cloud: {name: My Cloud, source: metered}
partners: {}
# partners:
#   northwind:
#     name: Northwind
#     members: [{login: northwind-billing, id: 1}]
#     account_prefixes: [NORTH-]
"""
