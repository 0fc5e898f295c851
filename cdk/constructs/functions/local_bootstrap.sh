#!/bin/sh
# Plays the Lambda runtime on the emulator: AWS's own runtime client runs the handler, so errors
# arrive under their class names. `-S` keeps this machine's site-packages out: like on AWS, a
# function sees its own package, then the runtime's, and nothing else.
: "${ORDERS_LOCAL_PYTHON:?is set by orders local up}" "${ORDERS_LOCAL_RUNTIME_DIR:?is set by orders local up}"
packages=
while read -r folder; do packages="$packages:$folder"; done 2>/dev/null <"$LAMBDA_TASK_ROOT/packages"
export PYTHONPATH="$LAMBDA_TASK_ROOT$packages:$ORDERS_LOCAL_RUNTIME_DIR"
exec "$ORDERS_LOCAL_PYTHON" -S -m awslambdaric "$_HANDLER"
