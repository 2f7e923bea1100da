"""Writes lines by the standard `logging`: JSON as python-json-logger formats it, and text."""

import json, logging, sys, time
from datetime import datetime, timezone
from logging.handlers import WatchedFileHandler

JSON_WRITER, TEXT_WRITER, COPY = 10, 11, 7


class JsonFormatter(logging.Formatter):
    def format(self, record):
        at = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="microseconds")
        line = {"timestamp": at, "level": record.levelname, "name": record.name, "message": record.getMessage()}
        return json.dumps(line)


def logger(name, path, formatter):
    handler = WatchedFileHandler(path)
    handler.setFormatter(formatter)
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.propagate = False
    return logger


incarnation, lines, rate = (int(argument) for argument in sys.argv[1:4])
progress, places = sys.argv[4], [place.split(":", 1) for place in sys.argv[5:]]
text = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
loggers = []
for number, folder in places:
    loggers.append((int(number), JSON_WRITER, logger(f"billing.{number}", f"{folder}/billing.log", JsonFormatter())))
    loggers.append((int(number), TEXT_WRITER, logger(f"reports.{number}", f"{folder}/reports.log", text)))

begin, written, turn = time.monotonic(), 0, 0
while written < lines:
    for place, writer, log in loggers:
        if place == COPY and turn % 4:
            continue
        number = turn // 4 if place == COPY else turn
        log.info("n=%d.%d.%d.%d; a customer was charged", writer, place, incarnation, number)
        written += 1
    turn += 1
    if turn % 8 == 0:
        with open(progress, "w") as file:
            file.write(str(written))
        time.sleep(max(0, begin + written / rate - time.monotonic()))
