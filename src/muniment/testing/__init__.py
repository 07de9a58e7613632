"""For authors of plugins and drivers: contract suites to inherit from, and simulators.

    from muniment.testing.examination import ExaminationContract

    class TestSunPosition(ExaminationContract):
        def examination(self) -> Examination:
            return SunPosition()

- A contract is a plain class whose methods begin with `test_`; pytest runs what inherits from it,
  and nothing here imports pytest.
- A simulator is a real thing with a behaviour of its own, not a mock.
- Our own plugins and drivers pass the same contracts, found the same way (tests/contracts).
"""
