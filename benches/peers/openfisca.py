"""The same policy as numpy columns in OpenFisca: nanoseconds per row, and whether it agrees with Forbear.

The columns come from `forbear-peers columns`: one file of little-endian 64-bit numbers per fact and per answer.

    python3 -m venv VENV && VENV/bin/pip install openfisca-core
    cargo run --release --manifest-path benches/peers/Cargo.toml -- columns FOLDER
    VENV/bin/python benches/peers/openfisca.py FOLDER
"""

import json
import pathlib
import statistics
import sys
import time

import numpy
from openfisca_core.entities import Entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = "2024-07"
ROUNDS = 11

FOLDER = pathlib.Path(sys.argv[1])
# Codes of the areas, names as numbers, and the two ends of the window.
FIXED = json.loads((FOLDER / "columns.json").read_text())
FACTS = FIXED["facts"]

person = Entity("person", "persons", "", "")


def fact(name):
    """A variable that is given."""
    return type(name, (Variable,), {"value_type": int, "entity": person, "definition_period": DateUnit.MONTH})


class eligible(Variable):
    value_type = bool
    entity = person
    definition_period = DateUnit.MONTH

    def formula(persons, period):
        of = lambda name: persons(name, period)
        disbursed, product = of("disbursed_on"), of("product")
        return (
            numpy.isin(of("kind"), FIXED["kinds"])
            & (of("severity") <= 3)
            & (of("status") == FIXED["active"])
            & numpy.isin(product, FIXED["products"])
            & (disbursed >= FIXED["window"][0])
            & (disbursed <= FIXED["window"][1])
            & numpy.isin(of("prefecture"), FIXED["areas"])
            & (of("days_past_due") <= 60)
            & ((of("arrangements") & FIXED["workouts"]) == 0)
        )


class rule(Variable):
    value_type = int
    entity = person
    definition_period = DateUnit.MONTH

    def formula(persons, period):
        of = lambda name: persons(name, period)
        which = numpy.select(
            [
                (of("flags") & FIXED["vulnerable"]) != 0,
                (of("principal") <= 5_000_000) & (of("days_past_due") <= 30),
                of("rate") <= 2_400,
            ],
            [1, 2, 3],
            0,
        )
        return numpy.where(of("eligible"), which, 0)


class waived(Variable):
    value_type = int
    entity = person
    definition_period = DateUnit.MONTH

    def formula(persons, period):
        which, fee, unpaid = persons("rule", period), persons("fee", period), persons("fee_unpaid", period)
        share = numpy.array([0, 10, 8, 5])[which]
        cap = numpy.array([0, 50_000, 30_000, 20_000])[which]
        return numpy.minimum(numpy.minimum((fee * share + 5) // 10, unpaid), cap)


def column(name):
    return numpy.fromfile(FOLDER / f"{name}.i64", dtype="<i8")


def main():
    system = TaxBenefitSystem([person])
    system.add_variables(*[fact(name) for name in FACTS], eligible, rule, waived)
    rows = len(column("rule"))
    simulation = SimulationBuilder().build_default_simulation(system, rows)
    for name in FACTS:
        simulation.set_input(name, PERIOD, column(name))
    figures = {"rule": [], "rule and money": []}
    for round_ in range(ROUNDS + 1):
        for name in ["waived", "rule", "eligible"]:
            simulation.delete_arrays(name, PERIOD)
        begun = time.perf_counter_ns()
        rules = simulation.calculate("rule", PERIOD)
        chosen = time.perf_counter_ns()
        cents = simulation.calculate("waived", PERIOD)
        done = time.perf_counter_ns()
        if round_:
            figures["rule"].append((chosen - begun) / rows)
            figures["rule and money"].append((done - begun) / rows)
    differ = int(((rules != column("rule")) | (cents != column("cents"))).sum())
    print(f"{rows} rows, {differ} differ from Forbear")
    for ask, rounds in figures.items():
        print(f"{ask}: median {statistics.median(rounds):.1f} ns per row, least {min(rounds):.1f}")
    sys.exit(differ != 0)


main()
