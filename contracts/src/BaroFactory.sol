// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Same addresses on every chain
/// @notice Sent first by a fresh deployer, it has the same address everywhere; so has what it creates from the same
///         code, salt and caller.
contract BaroFactory {
    /// @notice `created` runs, set up, at its address.
    event Created(address indexed created, address indexed deployer, bytes32 salt);

    /// @notice Something stands at the address already, or the code refused.
    error CreationFailed();

    /// @notice Anyone creates a contract and sets it up in the same transaction; the caller is part of the address,
    ///         so nobody can take another's. Errors of the set-up are passed on.
    function create(bytes32 salt, bytes memory initCode, bytes calldata setUpCall) external returns (address created) {
        bytes32 ownSalt = keccak256(abi.encode(msg.sender, salt));
        assembly ("memory-safe") {
            created := create2(0, add(initCode, 0x20), mload(initCode), ownSalt)
        }
        if (created == address(0)) revert CreationFailed();
        (bool done, bytes memory answer) = created.call(setUpCall);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        emit Created(created, msg.sender, salt);
    }
}
