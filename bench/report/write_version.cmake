# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE=... -DOUTPUT=... -DVERSION=... -P: runs at every build, since a commit changes no file that
# the build depends on. Writes OUTPUT only where it differs.
set(ENV{GIT_OPTIONAL_LOCKS} 0)
set(result 1)
if(EXISTS ${SOURCE}/.git)  # else an outer repository would answer
  execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE GIT_SHA OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET RESULT_VARIABLE result)
endif()
if(NOT result EQUAL 0)
  set(GIT_SHA unknown)
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.cc.in ${OUTPUT} @ONLY)
