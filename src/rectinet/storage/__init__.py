"""Model files and checkpoints: one checked container, no pickle.

A file is in the safetensors format, so any safetensors reader can open the arrays; its metadata say what they mean.
Every byte is covered by a SHA-256 that is verified before anything else is believed, and a file is complete or not
there at all: it is written beside its place, flushed to disk and renamed.
"""

from rectinet.storage.checkpoints import load_checkpoint as load_checkpoint
from rectinet.storage.checkpoints import save_checkpoint as save_checkpoint
from rectinet.storage.errors import DamagedModelFile as DamagedModelFile
from rectinet.storage.errors import ModelFileError as ModelFileError
from rectinet.storage.errors import NewerFormat as NewerFormat
from rectinet.storage.errors import NotAModelFile as NotAModelFile
from rectinet.storage.errors import WrongKind as WrongKind
from rectinet.storage.models import WRONG_INSIDE as WRONG_INSIDE
from rectinet.storage.models import Model as Model
from rectinet.storage.models import load_model as load_model
from rectinet.storage.models import save_model as save_model
from rectinet.storage.models import wrong_inside as wrong_inside
