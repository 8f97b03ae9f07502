// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title KIP-13: which interfaces a contract has
interface IKIP13 {
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
}

/// @title KIP-7: Kaia's fungible token; ERC-20 and the safe transfers
interface IKIP7 {
    function totalSupply() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function allowance(address owner, address spender) external view returns (uint256);
    function approve(address spender, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function safeTransfer(address to, uint256 value, bytes calldata data) external;
    function safeTransfer(address to, uint256 value) external;
    function safeTransferFrom(address from, address to, uint256 value, bytes calldata data) external;
    function safeTransferFrom(address from, address to, uint256 value) external;
}

interface IKIP7Metadata {
    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
}

/// @title A contract that takes KIP-7 tokens
interface IKIP7Receiver {
    function onKIP7Received(address operator, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4);
}
