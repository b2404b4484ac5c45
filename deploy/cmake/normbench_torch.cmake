# SPDX-License-Identifier: Apache-2.0
# LibTorch as two imported libraries. Not find_package(Torch): with a CUDA wheel that demands nvcc and edits
# global flags. Never libtorch.so or libtorch_cuda.so on the link line: their static TLS does not fit the
# 100 KiB thread stacks of the HTTP server; the CUDA half is loaded with dlopen when a device is asked for.

if(NOT NORMBENCH_TORCH_ROOT)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/deploy/bootstrap --print-torch-root
    OUTPUT_VARIABLE NORMBENCH_TORCH_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
set(torch_cpu ${NORMBENCH_TORCH_ROOT}/lib/libtorch_cpu.so)
if(NOT EXISTS ${torch_cpu})
  message(FATAL_ERROR "no LibTorch at '${NORMBENCH_TORCH_ROOT}' (${torch_cpu} is missing): "
    "run deploy/bootstrap, or set NORMBENCH_TORCH_ROOT to the torch folder of an existing one")
endif()

foreach(library c10 torch_cpu)
  add_library(normbench_${library}_import SHARED IMPORTED)
  set_target_properties(normbench_${library}_import PROPERTIES
    IMPORTED_LOCATION ${NORMBENCH_TORCH_ROOT}/lib/lib${library}.so
    INTERFACE_INCLUDE_DIRECTORIES
      "${NORMBENCH_TORCH_ROOT}/include;${NORMBENCH_TORCH_ROOT}/include/torch/csrc/api/include")
endforeach()
add_library(normbench_torch_import INTERFACE)
target_link_libraries(normbench_torch_import INTERFACE normbench_torch_cpu_import normbench_c10_import)

normbench_add_pch(torch HEADERS <torch/torch.h> DEPS normbench_torch_import)

function(normbench_use_torch target)
  target_link_libraries(${target} PRIVATE normbench_torch_import)
  normbench_use_pch(${target} torch)
endfunction()
