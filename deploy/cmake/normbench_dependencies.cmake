# SPDX-License-Identifier: Apache-2.0
# Every foreign library, in one place. All but LibTorch are Debian 12 packages (deploy/bootstrap).

find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(hwy CONFIG REQUIRED)
find_package(Boost REQUIRED)  # headers only: Boost.Math
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
if(NORMBENCH_GRPC)
  find_package(Protobuf REQUIRED)  # before gRPC: its package file wants the targets
  find_package(gRPC CONFIG REQUIRED)
  find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core pull push)
  find_package(CLI11 CONFIG REQUIRED)
  find_package(nlohmann_json CONFIG REQUIRED)
  find_package(tinyxml2 CONFIG REQUIRED)
  find_package(SQLite3 REQUIRED)
  find_library(CIVETWEB_CPP_LIBRARY civetweb-cpp REQUIRED)
  find_library(CIVETWEB_LIBRARY civetweb REQUIRED)
  add_library(normbench_civetweb INTERFACE)
  target_link_libraries(normbench_civetweb INTERFACE ${CIVETWEB_CPP_LIBRARY} ${CIVETWEB_LIBRARY})
endif()
if(NORMBENCH_TESTS)
  find_package(GTest CONFIG QUIET)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/deploy/bootstrap --print-test-python
    OUTPUT_VARIABLE NORMBENCH_TEST_PYTHON OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT GTest_FOUND OR NOT EXISTS "${NORMBENCH_TEST_PYTHON}")
    message(FATAL_ERROR "the tests need GoogleTest and the Python clients in '${NORMBENCH_TEST_PYTHON}': "
      "run deploy/bootstrap --tests, or configure with -DNORMBENCH_TESTS=OFF")
  endif()
endif()
include(normbench_precompiled)
if(NORMBENCH_TORCH)
  include(normbench_torch)
endif()
