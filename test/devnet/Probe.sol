// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// What the questions call: a log, reverts with an error and with words, and as much work as is asked for.
/// Compiled into probe.json by solc 0.8.30, via IR, for Cancun.
contract Probe {
    error Refused(uint256 code);
    event Seen(address indexed who, uint256 value);

    function note(uint256 value) external { emit Seen(msg.sender, value); }
    function refuse(uint256 code) external pure { revert Refused(code); }
    function refuseInWords() external pure { revert("words"); }
    function recover(uint256 times) external pure returns (uint256 sum) {
        for (uint256 i; i < times; ++i) sum += uint160(ecrecover(bytes32(i + 1), 27, bytes32(uint256(0x1111)), bytes32(uint256(0x2222))));
    }
    function p256(bytes calldata input) external view returns (bool ok, bytes memory out) { (ok, out) = address(0x100).staticcall(input); }
    function clock() external view returns (uint256, uint256) { return (block.timestamp, block.basefee); }
}
