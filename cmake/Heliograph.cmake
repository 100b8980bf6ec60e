# Options and helper functions shared by every folder.

include(GNUInstallDirs)

option(HELIOGRAPH_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(HELIOGRAPH_EXAMPLES "Build the example programs" ${PROJECT_IS_TOP_LEVEL})
option(HELIOGRAPH_BENCH "Build the benchmarks and the load generator" ON)
set(HELIOGRAPH_SANITIZE "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined or thread")
option(HELIOGRAPH_COVERAGE "Instrument for line coverage" OFF)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(heliograph_options INTERFACE)
target_compile_options(heliograph_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough -Werror -fstack-protector-strong)
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  if(NOT HELIOGRAPH_SANITIZE)
    target_compile_definitions(heliograph_options INTERFACE _FORTIFY_SOURCE=2)
  endif()
  # g++ 12 reports false positives inside its own standard library when it inlines.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(heliograph_options INTERFACE
      -Wno-error=restrict -Wno-error=stringop-overflow -Wno-error=array-bounds
      -Wno-error=maybe-uninitialized)
  endif()
endif()
if(HELIOGRAPH_SANITIZE)
  target_compile_options(heliograph_options INTERFACE
    -fsanitize=${HELIOGRAPH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(heliograph_options INTERFACE -fsanitize=${HELIOGRAPH_SANITIZE})
endif()
if(HELIOGRAPH_COVERAGE)
  target_compile_options(heliograph_options INTERFACE --coverage -fprofile-abs-path)
  target_link_options(heliograph_options INTERFACE --coverage)
endif()
if(HELIOGRAPH_FUZZ)
  target_compile_options(heliograph_options INTERFACE -fsanitize=fuzzer-no-link)
  # Cryptography can be switched off: src/crypto/neutral.hpp.
  target_compile_definitions(heliograph_options INTERFACE HELIOGRAPH_FUZZ)
endif()

# heliograph_room(<name> SOURCES <file>... [ROOMS <room>...] [LINK <target>...])
#
# One library per folder of src/. A room sees the headers of the rooms it names and no others:
# every room has an include directory of its own, in which a link named after the room stands.
function(heliograph_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;ROOMS;LINK;PRIVATE_LINK" ${ARGN})
  set(view "${CMAKE_BINARY_DIR}/rooms/${name}")
  file(MAKE_DIRECTORY "${view}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${view}/${name}" SYMBOLIC)
  if(ARG_SOURCES)
    add_library(heliograph_${name} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    # Our warnings are not those of who uses an installed library.
    target_link_libraries(heliograph_${name}
      PRIVATE "$<BUILD_INTERFACE:heliograph_options>" ${ARG_PRIVATE_LINK})
  else()
    add_library(heliograph_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(heliograph::${name} ALIAS heliograph_${name})
  target_include_directories(heliograph_${name} ${scope}
    "$<BUILD_INTERFACE:${view}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/heliograph>")
  target_compile_features(heliograph_${name} ${scope} cxx_std_23)
  list(TRANSFORM ARG_ROOMS PREPEND "heliograph::")
  target_link_libraries(heliograph_${name} ${scope} ${ARG_ROOMS} ${ARG_LINK})
  set_target_properties(heliograph_${name} PROPERTIES
    EXPORT_NAME ${name}
    HELIOGRAPH_USES "${ARG_ROOMS};${ARG_LINK};${ARG_PRIVATE_LINK}")
endfunction()

# heliograph_test(<room> SOURCES <file>... [NAME <name>] [LINK <target>...]): the test program of a
# room, or another one of it that links what the first must not.
function(heliograph_test room)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_NAME)
    set(ARG_NAME ${room})
  endif()
  add_executable(${ARG_NAME}_tests ${ARG_SOURCES})
  target_include_directories(${ARG_NAME}_tests PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${ARG_NAME}_tests PRIVATE heliograph_options heliograph::${room} ${ARG_LINK}
                        GTest::gmock_main)
  # With the sanitizers, optimising the tests takes longer than running them as they are.
  if(HELIOGRAPH_SANITIZE)
    target_compile_options(${ARG_NAME}_tests PRIVATE -O0)
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME}_tests)
endfunction()

# heliograph_fuzz(<name> LINK <target>...): one libFuzzer target from fuzz/<name>.cpp.
function(heliograph_fuzz name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(fuzz_${name} ${name}.cpp)
  target_link_libraries(fuzz_${name} PRIVATE heliograph_options ${ARG_LINK})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers fuzz_${name})
endfunction()
