"""The law as data: crimes, elements, modes of liability, jurisdiction, and what each rests on.

- `data/*.yaml` states the law; this package reads it, cites it and lays it out. It decides nothing
  that a lawyer must decide: no function says that a standard of proof is met.
- Nothing is read before it is asked for, and nothing here imports Django.

`taxonomy.taxonomy()` gives crimes, modes, grounds and standards; `elements.matrix()` the rows that
a charge needs; `coverage.coverage()` what the cells of those rows show; `jurisdiction.opinion()`
the three answers for a file of facts; `translation.translatable()` every text for translators.
"""
