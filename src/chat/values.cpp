// The special members of the values that are one of many kinds; see `effect`.
#include "chat/chat.hpp"

namespace brusio::chat {

command::command() = default;
command::command(const command& other) = default;
command::command(command&& other) noexcept = default;
command& command::operator=(const command& other) = default;
command& command::operator=(command&& other) noexcept = default;
command::~command() = default;
bool command::operator==(const command& other) const = default;

effect::effect() = default;
effect::effect(const effect& other) = default;
effect::effect(effect&& other) noexcept = default;
effect& effect::operator=(const effect& other) = default;
effect& effect::operator=(effect&& other) noexcept = default;
effect::~effect() = default;
bool effect::operator==(const effect& other) const = default;

record::record() = default;
record::record(const record& other) = default;
record::record(record&& other) noexcept = default;
record& record::operator=(const record& other) = default;
record& record::operator=(record&& other) noexcept = default;
record::~record() = default;
bool record::operator==(const record& other) const = default;

}  // namespace brusio::chat
