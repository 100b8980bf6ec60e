// Reads a password: asked for twice without echo at a terminal, else one line from standard input.
#pragma once

#include <string>

namespace heliograph::app {

// Throws Failure if there is no line, it is empty, or the two differ.
std::string read_new_password(const std::string& user);

}  // namespace heliograph::app
