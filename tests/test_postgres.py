"""The PostgreSQL that the tests stand on."""

import sqlalchemy as sa


def test_a_real_postgresql_answers_in_a_database_of_its_own(postgres_url):
    engine = sa.create_engine(postgres_url)

    with engine.connect() as connection:
        version = connection.execute(sa.text("SHOW server_version_num")).scalar_one()
        tables = connection.execute(sa.text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one()
    engine.dispose()

    assert int(version) >= 140000
    assert tables == 0
