# SPDX-License-Identifier: Apache-2.0
"""The cases as ONNX models: one for each way to say it, since runtimes are good at different ones."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from cases import EPS

OPSETS = [helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)]
IR_VERSION = 11
TYPES = {"f32": TensorProto.FLOAT, "bf16": TensorProto.BFLOAT16}


class Graph:
    """A chain of nodes from "x"; `value` is the output of the last."""

    def __init__(self):
        self.nodes, self.constants, self.value = [], [], "x"

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def then(self, operator, *arrays, also=(), **attributes):
        """Appends operator(value, *also, *arrays)."""
        inputs = [self.value, *also, *map(self.constant, arrays)]
        self.value = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [self.value], **attributes))

    def model(self, case):
        x, y = (helper.make_tensor_value_info(name, TYPES[case.dtype], case.shape) for name in ("x", self.value))
        graph = helper.make_graph(self.nodes, case.norm, [x], [y], self.constants)
        return helper.make_model(graph, opset_imports=OPSETS, ir_version=IR_VERSION).SerializeToString()


def group(case, p, graph):
    graph.then("GroupNormalization", p["gamma"], p["beta"], num_groups=case.groups, epsilon=EPS)


def group_as_instances(case, p, graph):
    """A group as one channel of a flat tensor: some runtimes have a fast kernel for these only."""
    n, c, *spatial = case.shape
    wide = (c, *[1] * len(spatial))
    graph.then("Reshape", np.array([n, case.groups, -1]))
    graph.then("InstanceNormalization", np.ones(case.groups, np.float32), np.zeros(case.groups, np.float32),
               epsilon=EPS)
    graph.then("Reshape", np.array(case.shape))
    graph.then("Mul", p["gamma"].reshape(wide))
    graph.then("Add", p["beta"].reshape(wide))


def instance(_, p, graph):
    graph.then("InstanceNormalization", p["gamma"], p["beta"], epsilon=EPS)


def instance_as_groups(case, p, graph):
    """As many groups as channels, for runtimes that are better at groups."""
    graph.then("GroupNormalization", p["gamma"], p["beta"], num_groups=case.shape[1], epsilon=EPS)


def batch(_, p, graph):
    graph.then("BatchNormalization", p["gamma"], p["beta"], p["mean"], p["variance"], epsilon=EPS)


def batch_by_means(_, p, graph):
    """Runtimes for inference have no operator for the statistics of the batch."""
    over = {"also": [], "keepdims": 1}
    wide = (-1, 1, 1)
    axes = np.array([0, 2, 3])
    graph.then("ReduceMean", axes, **over)
    mean = graph.value
    graph.value = "x"
    graph.then("Sub", also=[mean])
    centred = graph.value
    graph.then("Mul", also=[centred])
    graph.then("ReduceMean", axes, **over)
    graph.then("Add", np.float32([EPS]))
    graph.then("Sqrt")
    graph.then("Reciprocal")
    graph.then("Mul", p["gamma"].reshape(wide))
    graph.then("Mul", also=[centred])
    graph.then("Add", p["beta"].reshape(wide))


def layer(_, p, graph):
    graph.then("LayerNormalization", p["gamma"], p["beta"], axis=-1, epsilon=EPS)


def rms(_, p, graph):
    graph.then("RMSNormalization", p["gamma"], axis=-1, epsilon=EPS)


def rms_of_microsoft(_, p, graph):
    """ONNX Runtime's own operator, older than the standard one."""
    graph.then("SimplifiedLayerNormalization", p["gamma"], axis=-1, epsilon=EPS, stash_type=1)


FORMS = {"group": [("group", group), ("instances", group_as_instances)],
         "instance": [("instance", instance), ("groups", instance_as_groups)],
         "batch/running": [("batch", batch)],
         "batch/batch": [("means", batch_by_means)],
         "layer": [("layer", layer)],
         "rms": [("rms", rms), ("simplified", rms_of_microsoft)]}


def model(problem, form):
    case = problem.case
    graph = Graph()
    half = case.dtype != "f32"  # no runtime has these norms in bfloat16: they compute in float32 between two casts
    if half:
        graph.then("Cast", to=TensorProto.FLOAT)
    form(case, {name: value.numpy() for name, value in problem.parameters.items()}, graph)
    if case.fused == "silu":
        norm = graph.value
        graph.then("Sigmoid")
        graph.then("Mul", also=[norm])
    if half:
        graph.then("Cast", to=TYPES[case.dtype])
    return graph.model(case)


def models(problem):
    """(name, serialized model) of each form of the case."""
    case = problem.case
    kind = f"batch/{case.stats}" if case.norm == "batch" else case.norm
    return [(name, model(problem, form)) for name, form in FORMS[kind]]
