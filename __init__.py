"""phonegrade: finds, measures and grades the wear of used phones from photos."""

import os

__version__ = "0.2.0"

# Two packages that phonegrade stands on call home as soon as they are imported: ONNX Runtime leaves a device id under
# the home folder and looks up a telemetry host, albumentations asks a package index for its version. Only the
# environment stops them, before their import, and every import of phonegrade and each of its processes passes here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
