"""The models as the app keeps them: the Models tab's wishes and learning while writing, joined to the app."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.jobs import TrainingJob
from core.library.unfinished import forget_run
from tui.flows.learning import LOOK_SECONDS, LearningWhileWriting
from tui.flows.shelving import Shelving
from tui.widgets.models_view import ModelsView

if TYPE_CHECKING:
    from tui.app import ForetypeApp


class Models:
    """Passes between the app, the library's helper and the model that learns."""

    def __init__(self, app: ForetypeApp) -> None:
        self._app = app
        self._version: object = None
        self.learning = LearningWhileWriting(app, self)
        self.shelving = Shelving(app, self, lambda: app.writing.panel.models)

    def begin(self) -> None:
        """Look from now on whether somebody types."""
        self._app.set_interval(LOOK_SECONDS, self._look, name="learning")

    @property
    def may_stop(self) -> bool:
        """Whether the app may end without a word: no training runs, or one that began by itself and will again."""
        return not self._app.training.running or self.learning.job is not None

    def close(self) -> None:
        """The app ends: a training that began by itself leaves nothing to be resumed, it begins anew another day."""
        self.learning.close()
        if self.learning.job is not None:
            with contextlib.suppress(UserError):
                forget_run(self.learning.job.name)

    def do(self, wanted: ModelsView.Wanted) -> None:
        """Do what the Models tab asks for."""
        if wanted.deed == "refresh":
            self.shelving.refresh()
        else:
            self._app.run_worker(self.shelving.do(wanted), group="models", description="models")

    def saved(self, path: str) -> None:
        """A draft was saved."""
        self._app.run_worker(self.learning.saved(Path(path)), group="remembering")

    def _look(self) -> None:
        editor = self._app.writing.editor
        now = (editor.version, editor.cursor_location)
        if now != self._version:
            self._version = now
            self.learning.typed()
        if self.learning.due:
            self._app.run_worker(self.learning.look(), group="learning", description="learning")

    @property
    def model_in_use(self) -> str:
        """The name of the model that writes."""
        return self._app.settings.model

    @property
    def training_running(self) -> bool:
        """Whether a training is under way."""
        return self._app.training.running

    def use_model(self, name: str) -> None:
        """Write with another model, or with this one as it is by now."""
        self._app.use_model(name)

    async def reload_model(self, name: str) -> None:
        """Have a model, if it is the one that writes, as it is by now, without a word."""
        if self._app.may_reload(name):
            await self._app.load_model(name, quiet=True)

    def models_changed(self) -> None:
        """Offer the models that there are by now."""
        self._app.show_models()

    async def train(self, job: TrainingJob) -> str | None:
        """Train as a job says, in the Train tab; the new version's folder, None where nothing came of it."""
        finished = await self._app.run_training(job)
        return finished.folder if finished is not None else None

    def pause_training(self) -> None:
        """Have the training stand still."""
        self._app.training.pause()

    def go_on_training(self) -> None:
        """Have it go on."""
        self._app.training.go_on()
