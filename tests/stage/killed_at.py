"""The end of a program that kills what it does at each point in turn, and does it once more over what was left."""

# Goes behind imports of json, os, sys and Path, and a function `process(home)`. Arguments: any one, a folder, points.
# Prints a line a point: the exit codes of the child that was killed there, and of the one after it.
AT_EACH_POINT = """
for point in sys.argv[3:]:
    codes = []
    for killed_at in (point, ""):
        child = os.fork()
        if child == 0:
            os.environ["FAILPOINT"] = killed_at
            process(Path(sys.argv[2]) / point)
            os._exit(0)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print(json.dumps(codes))
"""
