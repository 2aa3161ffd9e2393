"""Says of each ONNX file that is named what onnx's own checker says, shapes inferred: a line a file, ok if all is well."""
import sys

import onnx

for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(path, full_check=True)
        print("ok")
    except Exception as error:
        print(" ".join(str(error).split()) or type(error).__name__)
