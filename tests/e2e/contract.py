# SPDX-License-Identifier: Apache-2.0
"""The services of a running server as its reflection describes them: no generated code, so the tests
see exactly what any client could learn from the server itself.
"""

from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


class Contract:
    def __init__(self, channel):
        self.channel = channel
        self.database = ProtoReflectionDescriptorDatabase(channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)

    def services(self):
        return sorted(self.database.get_services())

    def message(self, name, **fields):
        """A message of the full name `name`."""
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))(**fields)

    def method(self, service, name):
        """A callable for a method; what it takes and returns are messages of message()."""
        method = self.pool.FindServiceByName(service).methods_by_name[name]
        answer = message_factory.GetMessageClass(method.output_type)
        make = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        return make(f"/{service}/{name}", request_serializer=lambda m: m.SerializeToString(),
                    response_deserializer=answer.FromString)

    def normalize_request(self, shape=(2, 4, 3, 3), norm="group", groups=2, **fields):
        """A NormalizeRequest of zeros without gamma and beta."""
        elements = 1
        for size in shape:
            elements *= size
        spec = self.message("normbench.v1.NormSpec", norm=norm, affine="none", groups=groups)
        return self.message("normbench.v1.NormalizeRequest", spec=spec, shape=shape,
                            **{"x": bytes(4 * elements), **fields})

    def normalize(self, timeout=60, **fields):
        call = self.method("normbench.v1.Normalization", "Normalize")
        return call(self.normalize_request(**fields), timeout=timeout)
