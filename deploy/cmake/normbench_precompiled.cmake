# SPDX-License-Identifier: Apache-2.0
# Precompiled headers: most of a unit's compile time is foreign headers that never change.

# normbench_add_pch(NAME HEADERS ... DEPS ...): targets use it by normbench_use_pch(target NAME).
function(normbench_add_pch name)
  cmake_parse_arguments(arg "" "" "HEADERS;DEPS" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/precompiled/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Carries a precompiled header.\n")
  add_library(normbench_${name}_pch STATIC ${source})
  target_link_libraries(normbench_${name}_pch PRIVATE normbench_build_flags ${arg_DEPS})
  target_precompile_headers(normbench_${name}_pch PRIVATE ${arg_HEADERS})
endfunction()

function(normbench_use_pch target name)
  target_precompile_headers(${target} REUSE_FROM normbench_${name}_pch)
  target_compile_options(${target} PRIVATE -fpch-preprocess)  # for ccache
  # A program compiled with -fPIE could not share the libraries' precompiled header, silently.
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

function(normbench_use_folder_pch target)
  if(NORMBENCH_PCH)
    normbench_use_pch(${target} ${NORMBENCH_PCH})
  endif()
endfunction()

if(NORMBENCH_GRPC)
  normbench_add_pch(grpc HEADERS <grpcpp/grpcpp.h> <google/protobuf/message.h>
    DEPS gRPC::grpc++ protobuf::libprotobuf)
endif()
if(NORMBENCH_TESTS)
  normbench_add_pch(test HEADERS <gmock/gmock.h> DEPS GTest::gmock)
  if(NORMBENCH_GRPC)
    normbench_add_pch(grpc_test HEADERS <gmock/gmock.h> <grpcpp/grpcpp.h> <google/protobuf/message.h>
      DEPS GTest::gmock gRPC::grpc++ protobuf::libprotobuf)
  endif()
endif()
