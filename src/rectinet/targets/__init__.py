"""Inferring the task from targets: `read_targets` is the one rule for tables, arrays, texts and the command line."""

from rectinet.targets._rule import MOST_CLASSES as MOST_CLASSES
from rectinet.targets._rule import ReadTargets as ReadTargets
from rectinet.targets._rule import read_targets as read_targets
from rectinet.targets._words import TASKS as TASKS
from rectinet.targets._words import Task as Task
from rectinet.targets._words import checked_task as checked_task
