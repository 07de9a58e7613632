"""What the pages can, the API can: each address of the pages beside the operations for it.

- An address that shows and asks in one has an operation for each; a page that only asks for an act
  has the act's.
- Operations are named without their `/api`.
- An address without an operation stands with its reason in `WEB_ONLY`.
"""

from __future__ import annotations

from typing import Final

#: address of a page, operations
PAIRS: Final = """
/assessments/{assessment}/review/                 POST /assessments/{assessment}/review
/cases/                                           GET /cases, GET /situations
/cases/{case}/                                    GET /cases/{case}
/cases/{case}/cells/{cell}/                       GET /cases/{case}/cells/{cell}
/cases/{case}/cells/{cell}/read/                  POST /cases/{case}/cells/{cell}/read
/cases/{case}/cells/{cell}/withdraw/              DELETE /cases/{case}/cells/{gone_cell}
/cases/{case}/charges/add/                        POST /cases/{case}/charges
/cases/{case}/charges/{charge}/                   GET /cases/{case}/charges/{charge}
/cases/{case}/charges/{charge}/evidence/          POST /cases/{case}/charges/{charge}/cells
/cases/{case}/charges/{charge}/opinion/           POST /cases/{case}/charges/{charge}/opinions
/cases/{case}/lead/                               POST /cases/{case}/lead
/cases/{case}/readings/                           GET /cases/{case}/readings
/cases/{case}/suspects/add/                       POST /cases/{case}/suspects
/claims/                                          GET /claims
/claims/{claim}/                                  GET /claims/{claim}
/claims/{claim}/grade/                            POST /claims/{claim}/grade
/collections/                                     GET /collections, POST /collections
/collections/{collection}/  GET /collections/{collection}, POST /collections/{collection}/items
/holds/{hold}/release/                            POST /holds/{hold}/release
/incidents/                                       GET /incidents
/incidents/open/                                  POST /incidents
/incidents/{incident}/                            GET /incidents/{incident}
/incidents/{incident}/claims/add/                 POST /claims
/incidents/{incident}/classify/                   POST /incidents/{incident}/crimes
/incidents/{incident}/crimes/{crime}/             POST /incidents/{incident}/crimes/{crime}
/incidents/{incident}/crimes/{crime}/withdraw/    DELETE /incidents/{incident}/crimes/{gone_crime}
/incidents/{incident}/describe/                   POST /incidents/{incident}/describe
/incidents/{incident}/evidence/                   POST /incidents/{incident}/evidence
/incidents/{incident}/grade/                      POST /incidents/{incident}/grade
/incidents/{incident}/victims/add/                POST /incidents/{incident}/victims
/items/                                           GET /items
/items/deposit/                                   POST /items
/items/{item}/                                    GET /items/{item}, GET /items/{item}/assessments
/items/{item}/aside/                              POST /items/{barred_item}/aside
/items/{item}/assess/                             POST /items/{item}/assessments
/items/{item}/describe/                           POST /items/{item}/describe
/items/{item}/examine/                            POST /items/{item}/examine, GET /items/{item}/examination
/items/{item}/existence/  POST /items/{hidden_item}/existence, POST /items/{told_item}/existence/hide
/items/{item}/hold/                               POST /items/{held_item}/holds
/items/{item}/parts/{part}/                       GET /items/{item}/parts/{part}
/items/{item}/renditions/{rendition}/             GET /items/{item}/renditions/{rendition}
/items/{item}/taking-out/                         GET /holds, GET /requests
/items/{item}/taking-out/{taking}/  POST /items/{item}/requests, POST /items/{item}/redactions
/law/                                             GET /law/crimes
/law/{crime}/                                     GET /law/crimes/{crime}, GET /incidents
/log/                                             GET /log
/log/access/                                      GET /log/access, GET /log/access/volumes
/log/state/                                       GET /state
/log/state/clock/                                 POST /state/clock
/log/{act}/                                       GET /log/{act}
/packages/                                        GET /packages
/packages/export/                                 POST /packages
/packages/{package}/                              GET /packages/{package}
/packages/{package}/bundle/                       GET /packages/{package}/bundle
/people/                                          GET /people
/people/add/                                      POST /people
/people/{handle}/  GET /people/{handle}, POST /people/{colleague}/roles
/people/{handle}/code/                            POST /people/{colleague}/code
/people/{handle}/end/                             POST /people/{leaver}/end
/people/{handle}/roles/{role}/                    DELETE /people/{colleague}/roles/{gone_role}
/persons/                                         GET /persons
/persons/add/                                     POST /persons
/persons/{person}/                                GET /persons/{person}
/persons/{person}/names/add/                      POST /persons/{person}/names
/persons/{person}/postings/add/                   POST /persons/{person}/postings
/requests/                                        GET /requests
/requests/{request}/                              GET /requests/{request}
/requests/{request}/approve/                      POST /requests/{request}/approve
/requests/{request}/refuse/                       POST /requests/{gone_request}/refuse
/search/                                          GET /search
/situations/open/                                 POST /situations
/situations/{situation}/                          GET /situations/{situation}
/situations/{situation}/cases/open/               POST /cases
/sources/                                         GET /sources
/sources/add/                                     POST /sources
/sources/{source}/                                GET /sources/{source}
/tokens/                                          GET /tokens, POST /tokens
/tokens/{token}/revoke/                           DELETE /tokens/{gone_token}
/units/                                           GET /units
/units/add/                                       POST /units
/units/{unit}/                                    GET /units/{unit}
/units/{unit}/superiors/add/                      POST /units/{unit}/superiors
/victims/                                         GET /victims
/victims/{victim}/                                GET /victims/{victim}
/victims/{victim}/correct/                        POST /victims/{victim}/correct
"""  # noqa: E501 - one line for each address

#: beginning of an address, why the API has no operation for it
WEB_ONLY: Final = {
    "/log-in/": "how a person gets a session: a program has a token instead",
    "/enrol/": "a person's first password is typed by that person, before anybody knows them",
    "/language/": "the API speaks in codes, and in English",
    "/api/": "the API itself",
    "/items/{item}/uncover/": "counts what eyes see: a program gets a file, recorded as read",
}
#: the first page chooses from these
TODAY: Final = ("GET /api/assessments", "GET /api/incidents", "GET /api/items")
#: operations that are about no page of their own, and why they are there
FURTHER: Final = {
    "GET /api/assessments/{assessment}": "one question about an item, which its page shows",
    "GET /api/records/{item}": "any record by its number: what `muniment show` prints",
    "GET /api/records/{item}/custody": "the history that every record's page shows",
    "GET /api/log/access/checkpoint": "what `muniment log --access` prints",
    "GET /api/log/checkpoint": "what `muniment log` prints",
    "GET /api/log/consistency": "what `muniment log` prints",
    "GET /api/log/{act}/proof": "what `muniment log` prints",
    "GET /api/log/{act}/time": "what record pages say of time, for any act",
}
