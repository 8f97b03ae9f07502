// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20 as OpenZeppelinERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC20 as SoladyERC20} from "solady/src/tokens/ERC20.sol";

/// @title The tokens that the gas table compares with; anyone mints, so they are for measuring only
contract SoladyToken is SoladyERC20 {
    function name() public pure override returns (string memory) {
        return "Solady";
    }

    function symbol() public pure override returns (string memory) {
        return "SOL";
    }

    function decimals() public pure override returns (uint8) {
        return 0;
    }

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}

contract OpenZeppelinToken is OpenZeppelinERC20("OpenZeppelin", "OZ") {
    function decimals() public pure override returns (uint8) {
        return 0;
    }

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}

contract OpenZeppelin3009 is OpenZeppelinERC20("OpenZeppelin3009", "OZ9"), EIP712("OpenZeppelin3009", "1"), ERC3009 {
    function decimals() public pure override returns (uint8) {
        return 0;
    }

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}
