"""A person among real postings: no coordinates, pays of all shapes, employers known by name only."""

from datetime import timedelta

from sqlmodel import col
from sqlmodel import select as pick

from app import clock
from app.models.employer import Vacancy
from app.services.imports.job import ImportJob
from app.services.imports.writing import import_batch
from app.services.matching import list_all_vacancies, match_resident
from app.services.vacancies import publish_many
from tests.factories import Factory


def test_real_postings_are_matched_with_reasons(database, actor, shared_data):
    def write(rows):
        with database.write(actor) as tx:
            return import_batch(tx, "vacancies", rows)

    ImportJob.open(shared_data / "vacancies.xlsx", "vacancies").run(write)
    with database.write(actor) as tx:
        # The files name neither places nor an end: whoever publishes says so.
        postings = tx.session.exec(pick(Vacancy).where(col(Vacancy.duty).is_not(None))).all()
        for row in postings:
            tx.change(row, {"openings": 1, "open_to": clock.today() + timedelta(days=30)})
        published = publish_many(tx, [row.id for row in postings]).done
        person = Factory(tx).resident(edu_level="31")
        wish = {"trade": "3-01", "text": "行政助理", "wage_min": 450_000, "form": "1"}
        Factory(tx).registration(person, intents=[wish], work_years=4)
        person_id = person.id

    with database.read() as tx:
        result = match_resident(tx, person_id)
        everything = list_all_vacancies(tx)

    assert result.considered == len(everything) == published > 600
    assert len(result.suggestions) == 20
    assert result.passed + sum(result.filtered.values()) == published
    best = result.suggestions[0]
    assert best.score >= 80
    assert not best.employer_verified
    assert "距离" in best.not_compared
    assert all(part.text for one in result.suggestions for part in one.parts)
