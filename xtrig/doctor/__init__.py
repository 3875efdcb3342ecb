"""What makes logon triggers unsafe on a server, and the commands for when nobody can log in any more."""

from xtrig.doctor.diagnosis import Diagnosis
from xtrig.doctor.examine import examine

__all__ = ["Diagnosis", "examine"]
