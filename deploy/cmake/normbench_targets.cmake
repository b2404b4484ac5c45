# SPDX-License-Identifier: Apache-2.0
# The three kinds of target normbench has, so that a part's CMakeLists.txt says only what is its own:
#   normbench_library(NAME HEADERS ... SOURCES ... DEPS ... PRIVATE_DEPS ... [TORCH])
#   normbench_program(NAME SOURCES ... DEPS ... [TORCH] [OUTPUT_NAME name])
#   normbench_test(NAME SOURCES ... DEPS ... [TORCH] [LABELS ...])
# A library NAME is linked as normbench::NAME; a misspelt or forbidden one fails at configure time.
# TORCH marks the few translation units that include LibTorch: they share one precompiled header.
# A folder whose units mostly include gRPC or GoogleTest says so with set(NORMBENCH_PCH grpc | grpc_test |
# test) and shares the header of that name (normbench_precompiled.cmake).

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(NORMBENCH_CCACHE ccache)
if(NORMBENCH_CCACHE)
  # Paths relative to the checkout: another clone of the same sources finds what this one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${NORMBENCH_CCACHE})
endif()

# Warnings and sanitizers reach our own targets only.
add_library(normbench_build_flags INTERFACE)
target_compile_options(normbench_build_flags INTERFACE -Wall -Wextra -Wpedantic
  $<$<BOOL:${NORMBENCH_WERROR}>:-Werror>)
target_include_directories(normbench_build_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(NORMBENCH_SANITIZE)
  target_compile_options(normbench_build_flags INTERFACE
    -fsanitize=${NORMBENCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(normbench_build_flags INTERFACE -fsanitize=${NORMBENCH_SANITIZE})
endif()

function(normbench_library name)
  cmake_parse_arguments(arg "TORCH" "" "HEADERS;SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target normbench_${name})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE normbench_build_flags ${arg_PRIVATE_DEPS})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  # Headers that include torch or generated code would cost minutes to compile alone.
  if(arg_HEADERS AND NOT arg_TORCH)
    target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
      FILES ${arg_HEADERS})
  endif()
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} ${scope} ${arg_DEPS})
  if(arg_TORCH)
    normbench_use_torch(${target})
  elseif(arg_SOURCES)
    normbench_use_folder_pch(${target})
  endif()
  add_library(normbench::${name} ALIAS ${target})
endfunction()

function(normbench_program name)
  cmake_parse_arguments(arg "TORCH" "OUTPUT_NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE normbench_build_flags ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  if(arg_OUTPUT_NAME)
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${arg_OUTPUT_NAME})
  endif()
  if(arg_TORCH)
    normbench_use_torch(${name})
  else()
    normbench_use_folder_pch(${name})
  endif()
endfunction()

function(normbench_test name)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES;DEPS;LABELS" ${ARGN})
  set(torch)
  if(arg_TORCH)
    set(torch TORCH)
  endif()
  normbench_program(${name} ${torch} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} GTest::gmock_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  # False alarms of g++ 12 in std::string with literals, which tests are full of (gcc.gnu.org/PR105651).
  target_compile_options(${name} PRIVATE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
  # testing::TempDir(): no file is shared with another test, checkout or user.
  set(folder ${PROJECT_BINARY_DIR}/tests/tmp/${name})
  file(MAKE_DIRECTORY ${folder})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${arg_LABELS}" ENVIRONMENT TEST_TMPDIR=${folder})
endfunction()
