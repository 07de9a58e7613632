"""The 43 rules as typed predicates, one function a rule, gathered in `table`.

- A predicate is named for its rule and says in its reason which facts it rests on.
- It decides on known facts only; a fact that is missing, or a period that crosses a date, cannot
  be told.
- What outcome a rule has when it applies is the data's to say, not the predicate's.
"""
