# Prints the price data of the genai-prices wheel as JSON, without running it: data.py is one literal of calls.
import ast
import json
import sys


def plain(node):
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        if name == "Decimal":
            return float(node.args[0].value)
        if name == "date":
            return "%04d-%02d-%02d" % tuple(arg.value for arg in node.args)
        if name == "time":
            zones = [ast.unparse(word.value) for word in node.keywords if word.arg == "tzinfo"]
            if zones not in ([], ["datetime.UTC"]):
                raise ValueError("a time of day in another zone than UTC: " + ast.unparse(node))
            return "%02d:%02d" % tuple([arg.value for arg in node.args][:2])
        return {word.arg: plain(word.value) for word in node.keywords}
    if isinstance(node, (ast.List, ast.Tuple)):
        return [plain(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        return {plain(key): plain(value) for key, value in zip(node.keys, node.values)}
    if isinstance(node, ast.Constant):
        return node.value
    return None


for statement in ast.parse(open(sys.argv[1]).read()).body:
    if isinstance(statement, ast.AnnAssign):
        json.dump(plain(statement.value), sys.stdout)
