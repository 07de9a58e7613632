"""Who may do what at which address: one line for each, checked in, and held exactly.

- Letters are roles: a administrator, i investigator, n analyst, l lawyer, r reader, u auditor. A
  letter that is missing answers 403; the others answer with the status beside them.
- Nobody who is not logged in gets further than the log-in: 302 on pages, 401 in the API. Neither
  does somebody whose work here has ended, nor somebody whose log-in is disabled. Where a page is
  open to strangers, their status stands before a slash.
- `-` is a method that an address does not have: 405. Forms are sent empty: 400 or 200 is the form
  again, with what is missing. `200>409` is the status of the first who asked and of all others.
"""

from __future__ import annotations

#: address, GET, POST
WEB = """
/                                                       ainlru 200        -
/api/                                                   ainlru 404        ainlru 404
/api/openapi.json                                       ainlru 200        ainlru 200
/assessments/{assessment}/review/                       .inl.. 200        .inl.. 400
/cases/                                                 .inlru 200        -
/cases/{case}/                                          .inlru 200        -
/cases/{case}/cells/{cell}/                             .inlru 200        -
/cases/{case}/cells/{cell}/read/                        ...l.. 200        ...l.. 400
/cases/{case}/cells/{cell}/withdraw/                    ...l.. 200        ...l.. 400
/cases/{case}/charges/add/                              ...l.. 200        ...l.. 400
/cases/{case}/charges/{charge}/                         .inlru 200        -
/cases/{case}/charges/{charge}/evidence/                ...l.. 200        ...l.. 400
/cases/{case}/charges/{charge}/opinion/                 ...l.. 200        ...l.. 400
/cases/{case}/lead/                                     ...l.. 200        ...l.. 400
/cases/{case}/readings/                                 .....u 200        -
/cases/{case}/suspects/add/                             ...l.. 200        ...l.. 400
/claims/                                                .inlru 200        -
/claims/{claim}/                                        .inlru 200        -
/claims/{claim}/grade/                                  .inl.. 200        .inl.. 400
/collections/                                           .inlru 200        .inlru 200
/collections/{collection}/                              .inlru 200        .inlru 200
/enrol/                                                 ainlru 200/200    ainlru 200/200
/holds/{hold}/release/                                  .inl.. 200        .inl.. 400
/incidents/                                             .inlru 200        -
/incidents/open/                                        ..nl.. 200        ..nl.. 400
/incidents/{incident}/                                  .inlru 200        -
/incidents/{incident}/claims/add/                       .inl.. 200        .inl.. 400
/incidents/{incident}/classify/                         ..nl.. 200        ..nl.. 400
/incidents/{incident}/crimes/{crime}/                   ..nl.. 200        ..nl.. 400
/incidents/{incident}/crimes/{crime}/withdraw/          ..nl.. 200        ..nl.. 400
/incidents/{incident}/describe/                         ..nl.. 200        ..nl.. 400
/incidents/{incident}/evidence/                         ..nl.. 200        ..nl.. 400
/incidents/{incident}/grade/                            ..nl.. 200        ..nl.. 400
/incidents/{incident}/victims/add/                      ..nl.. 200        ..nl.. 400
/items/                                                 .inlru 200        -
/items/deposit/                                         .inl.. 200        .inl.. 200
/items/{item}/                                          .inlru 200        -
/items/{item}/aside/                                    .inl.. 200        .inl.. 400
/items/{item}/assess/                                   .inl.. 200        .inl.. 400
/items/{item}/describe/                                 .inl.. 200        .inl.. 200
/items/{item}/examine/                                  -                 .inl.. 302
/items/{item}/existence/                                .inl.. 200        .inl.. 400
/items/{item}/hold/                                     .inl.. 200        .inl.. 400
/items/{item}/parts/{part}/                             .inl.. 200        -
/items/{item}/renditions/{rendition}/                   .inlru 200        -
/items/{item}/taking-out/                               .inlru 200        -
/items/{item}/taking-out/{taking}/                      .inl.. 200        .inl.. 400
/items/{item}/uncover/                                  -                 .inlru 302
/language/setlang/                                      ainlru 302        ainlru 302
/law/                                                   ainlru 200        -
/law/{crime}/                                           ainlru 200        -
/log-in/2fa/                                            ainlru 200        -
/log-in/2fa/authenticate/                               ainlru 302        ainlru 302
/log-in/2fa/reauthenticate/                             ainlru 302        ainlru 302
/log-in/2fa/recovery-codes/                             ainlru 404        -
/log-in/2fa/recovery-codes/download/                    ainlru 404        ainlru 404
/log-in/2fa/recovery-codes/generate/                    ainlru 302        ainlru 302
/log-in/2fa/totp/activate/                              ainlru 302        ainlru 302
/log-in/2fa/totp/deactivate/                            ainlru 404        ainlru 404
/log-in/2fa/webauthn/                                   ainlru 200        -
/log-in/2fa/webauthn/add/                               ainlru 302        ainlru 302
/log-in/2fa/webauthn/keys/1/edit/                       ainlru 302        ainlru 302
/log-in/2fa/webauthn/keys/1/remove/                     ainlru 302        ainlru 302
/log-in/2fa/webauthn/login/                             ainlru 302        ainlru 302
/log-in/2fa/webauthn/reauthenticate/                    ainlru 302        ainlru 302
/log-in/inactive/                                       ainlru 200/200    -/405
/log-in/login/                                          ainlru 200/302    ainlru 200/302
/log-in/logout/                                         ainlru 200        ainlru 302
/log-in/password/change/                                ainlru 200        ainlru 200
/log-in/password/set/                                   ainlru 302        ainlru 302
/log-in/reauthenticate/                                 ainlru 200        ainlru 200
/log-in/sessions/                                       ainlru 200        ainlru 302
/log/                                                   a....u 200        -
/log/access/                                            a....u 200        -
/log/state/                                             a....u 200        -
/log/state/clock/                                       a..... 200        a..... 400
/log/{act}/                                             a....u 200        -
/packages/                                              .inlru 200        -
/packages/export/                                       ...l.. 200        ...l.. 400
/packages/{package}/                                    .inlru 200        -
/packages/{package}/bundle/                             ...l.. 200        -
/people/                                                a....u 200        -
/people/add/                                            a..... 200        a..... 200
/people/{handle}/                                       a....u 200        a....u 200
/people/{handle}/code/                                  -                 a..... 200
/people/{handle}/end/                                   a..... 200        a..... 200
/people/{handle}/roles/{role}/                          a..... 200        a..... 200
/persons/                                               .inlru 200        -
/persons/add/                                           ..nl.. 200        ..nl.. 400
/persons/{person}/                                      .inlru 200        -
/persons/{person}/names/add/                            ..nl.. 200        ..nl.. 400
/persons/{person}/postings/add/                         ..nl.. 200        ..nl.. 400
/requests/                                              .inlru 200        -
/requests/{request}/                                    .inlru 200        -
/requests/{request}/approve/                            ...l.. 200        ...l.. 400
/requests/{request}/refuse/                             .inl.. 200        .inl.. 400
/search/                                                .inlru 200        -
/situations/open/                                       ...l.. 200        ...l.. 400
/situations/{situation}/                                .inlru 200        -
/situations/{situation}/cases/open/                     ...l.. 200        ...l.. 400
/sources/                                               .inlru 200        -
/sources/add/                                           .inl.. 200        .inl.. 400
/sources/{source}/                                      .inlru 200        -
/tokens/                                                ainlru 200        ainlru 200
/tokens/{token}/revoke/                                 -                 ainlru 302>404
/units/                                                 .inlru 200        -
/units/add/                                             ..nl.. 200        ..nl.. 400
/units/{unit}/                                          .inlru 200        -
/units/{unit}/superiors/add/                            ..nl.. 200        ..nl.. 400
/victims/                                               .inlru 200        -
/victims/{victim}/                                      .inlru 200        -
/victims/{victim}/correct/                              ..nl.. 200        ..nl.. 400
"""

#: method, address, answer
API = """
GET /api/assessments                                      .inlru 200
GET /api/assessments/{assessment}                         .inlru 200
POST /api/assessments/{assessment}/review                 .inl.. 200
GET /api/cases                                            .inlru 200
POST /api/cases                                           ...l.. 200
GET /api/cases/{case}                                     .inlru 200
GET /api/cases/{case}/cells/{cell}                        .inlru 200
POST /api/cases/{case}/cells/{cell}/read                  ...l.. 200
DELETE /api/cases/{case}/cells/{gone_cell}                ...l.. 200
POST /api/cases/{case}/charges                            ...l.. 409
GET /api/cases/{case}/charges/{charge}                    .inlru 200
POST /api/cases/{case}/charges/{charge}/cells             ...l.. 200
POST /api/cases/{case}/charges/{charge}/opinions          ...l.. 200
POST /api/cases/{case}/lead                               ...l.. 200
GET /api/cases/{case}/readings                            .....u 200
POST /api/cases/{case}/suspects                           ...l.. 409
GET /api/claims                                           .inlru 200
POST /api/claims                                          .inl.. 200
GET /api/claims/{claim}                                   .inlru 200
POST /api/claims/{claim}/grade                            .inl.. 200
GET /api/collections                                      .inlru 200
POST /api/collections                                     .inl.. 200
GET /api/collections/{collection}                         .inlru 200
POST /api/collections/{collection}/items                  .inl.. 200
GET /api/holds                                            .inlru 200
POST /api/holds/{hold}/release                            .inl.. 200
GET /api/incidents                                        .inlru 200
POST /api/incidents                                       ..nl.. 200
GET /api/incidents/{incident}                             .inlru 200
POST /api/incidents/{incident}/crimes                     ..nl.. 200>409
POST /api/incidents/{incident}/crimes/{crime}             ..nl.. 200
DELETE /api/incidents/{incident}/crimes/{gone_crime}      ..nl.. 200>404
POST /api/incidents/{incident}/describe                   ..nl.. 200
POST /api/incidents/{incident}/evidence                   ..nl.. 200>409
POST /api/incidents/{incident}/grade                      ..nl.. 200
POST /api/incidents/{incident}/victims                    ..nl.. 200
GET /api/items                                            .inlru 200
POST /api/items                                           .inl.. 200
GET /api/items/{item}                                     .inlru 200
POST /api/items/{barred_item}/aside                       .inl.. 200>409
GET /api/items/{item}/assessments                         .inlru 200
POST /api/items/{item}/assessments                        .inl.. 200
POST /api/items/{item}/describe                           .inl.. 200
GET /api/items/{item}/examination                         .inlru 200
POST /api/items/{item}/examine                            .inl.. 200
POST /api/items/{hidden_item}/existence                   .inl.. 200>409
POST /api/items/{told_item}/existence/hide                .inl.. 200>404
POST /api/items/{held_item}/holds                         .inl.. 200
GET /api/items/{item}/parts/{part}                        .inl.. 200
POST /api/items/{item}/redactions                         .inl.. 200
GET /api/items/{item}/renditions/{rendition}              .inlru 200
POST /api/items/{item}/requests                           .inl.. 200
GET /api/law/crimes                                       ainlru 200
GET /api/law/crimes/{crime}                               ainlru 200
GET /api/log                                              a....u 200
GET /api/log/access                                       a....u 200
GET /api/log/access/checkpoint                            a....u 200
GET /api/log/access/volumes                               a....u 200
GET /api/log/checkpoint                                   a....u 200
GET /api/log/consistency                                  a....u 200
GET /api/log/{act}                                        a....u 200
GET /api/log/{act}/proof                                  a....u 200
GET /api/log/{act}/time                                   a....u 200
GET /api/packages                                         .inlru 200
POST /api/packages                                        ...l.. 200
GET /api/packages/{package}                               .inlru 200
GET /api/packages/{package}/bundle                        ...l.. 200
GET /api/people                                           a....u 200
POST /api/people                                          a..... 200
GET /api/people/{handle}                                  a....u 200
POST /api/people/{colleague}/code                         a..... 200
POST /api/people/{colleague}/roles                        a..... 200
DELETE /api/people/{colleague}/roles/{gone_role}          a..... 200
POST /api/people/{leaver}/end                             a..... 200
GET /api/persons                                          .inlru 200
POST /api/persons                                         ..nl.. 200
GET /api/persons/{person}                                 .inlru 200
POST /api/persons/{person}/names                          ..nl.. 200
POST /api/persons/{person}/postings                       ..nl.. 200
GET /api/records/{item}                                   .inlru 200
GET /api/records/{item}/custody                           .inlru 200
GET /api/requests                                         .inlru 200
GET /api/requests/{request}                               .inlru 200
POST /api/requests/{request}/approve                      ...l.. 200
POST /api/requests/{gone_request}/refuse                  .inl.. 200>409
GET /api/search                                           .inlru 200
GET /api/situations                                       .inlru 200
POST /api/situations                                      ...l.. 200
GET /api/situations/{situation}                           .inlru 200
GET /api/sources                                          .inlru 200
POST /api/sources                                         .inl.. 200
GET /api/sources/{source}                                 .inlru 200
GET /api/state                                            a....u 200
POST /api/state/clock                                     a..... 409
GET /api/tokens                                           ainlru 200
POST /api/tokens                                          ainlru 200
DELETE /api/tokens/{gone_token}                           ainlru 200>404
GET /api/units                                            .inlru 200
POST /api/units                                           ..nl.. 200
GET /api/units/{unit}                                     .inlru 200
POST /api/units/{unit}/superiors                          ..nl.. 200
GET /api/victims                                          .inlru 200
GET /api/victims/{victim}                                 .inlru 200
POST /api/victims/{victim}/correct                        ..nl.. 200
"""
