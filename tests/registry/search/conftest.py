"""A place whose versions differ in everything that can be asked for."""

import pytest

from nbmlops.refs import Ref
from nbmlops.registry.place import Place, open_place
from tests.registry.conftest import DIGEST, add_version, evaluation_detail

INJECTIONS = ("'; drop table model; --", '" or 1=1', "100%", "a_b", "é Straße", "$p0")
CHECK = {"ok": True, "report": DIGEST, "profile": DIGEST, "serving": "", "columns": []}
FRAME = {"rows": 9, "columns": ["a"], "types": {"a": "int64"}}


@pytest.fixture(scope="session")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = open_place(tmp_path_factory.mktemp("varied") / ".nbmlops", actor="ana")
    add_all(place)
    return place


def add_all(place: Place) -> None:
    catalog = place.catalog
    for index, text in enumerate(INJECTIONS):
        add_version(
            catalog,
            description=text,
            tags={"team": ("ops", "data")[index % 2], text: text, "level": str(index)},
            params={"C": ("1.0", "nan", "0.01", " 2 ", "None", "inf")[index], text: ""},
            reported={"cost": float(index), text: -1.0},
            size=10 * index,
            digest=place.artifacts.put(str(index).encode()),
        )
    add_version(
        catalog,
        name="arrivals",
        description="Night flights only",
        target=["late", text],
        task="regression",
        estimator="Ridge",
        flavor="joblib",
        parent="delays/1",
        source={"git_commit": "ab12" * 10, "git_dirty": True, "cell": "fit(night_1)"},
        environment={"python": "3.11.9", "packages": {"scikit_learn": "1.10"}},
        datasets=[
            {"role": "train", "description": "x", "digest": "d" * 64, **FRAME},
        ],
    )
    add_version(
        catalog,
        name="arrivals",
        source={"git_commit": "cd34" * 10, "git_dirty": False},
        environment={"python": "3.9.1", "packages": {"scikit-learn": "1.9rc1"}},
    )
    deleted = add_version(catalog, name="arrivals", tags={"team": "ops"})
    with catalog.writing() as writer:
        writer.write(
            "evaluate", "delays/1", evaluation_detail("test", roc_auc=0.7, f1=0.5)
        )
        writer.write("evaluate", "delays/1", evaluation_detail("july", roc_auc=0.9))
        writer.write("evaluate", "delays/2", evaluation_detail("test", roc_auc=0.6))
        writer.write("evaluate", "delays/2", evaluation_detail("test", roc_auc=0.8))
        writer.write("evaluate", "delays/3", evaluation_detail("july", roc_auc=0.75))
        writer.write("evaluate", "delays/4", evaluation_detail("test"))
        writer.write("check", "delays/1", {**CHECK, "verdict": "over tolerance"})
        writer.write("check", "delays/1", {**CHECK, "verdict": "within tolerance"})
        writer.write("check", "delays/2", {**CHECK, "verdict": "over tolerance"})
        writer.write("tag", "delays/2", {"tags": {"team": "night", "level": None}})
        writer.write("describe", "delays/4", {"description": "of Tuesday"})
        writer.write("note", "delays/3", {"text": "trained without the storm"})
        writer.write("delete", f"arrivals/{deleted}", {"reason": ""})
        data = {"digest": "d" * 64, **FRAME}
        named = {"data": data, "name": "flights", "description": ""}
        writer.write("dataset", "dataset:dddddddddddd", named)
        writer.move_alias(Ref("delays", number=1), "champion", "promote", {})
        writer.move_alias(Ref("delays", number=1), "shadow", "alias", {})
        writer.move_alias(Ref("arrivals", number=1), "champion", "promote", {})
