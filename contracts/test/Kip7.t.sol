// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {IFactory, TokenTest} from "./support/TokenTest.sol";
import {vm} from "./support/Vm.sol";

/// @dev Takes tokens or refuses them, and remembers what its balance was when it was asked.
contract Receiver {
    bytes4 private immutable ANSWER;
    uint256 public seen;
    bytes public data;

    constructor(bytes4 answer) {
        ANSWER = answer;
    }

    function onKIP7Received(address, address, uint256, bytes calldata data_) external returns (bytes4) {
        seen = IToken(msg.sender).balanceOf(address(this));
        data = data_;
        return ANSWER;
    }
}

contract Kip7Test is TokenTest {
    bytes4 private constant ACCEPTED = 0x9d188c22;

    function setUp() public override {
        super.setUp();
        mint(payer, 1_000);
    }

    function test_isAKip7TokenOfWholeWon() public view {
        vm.assertEq(bytes(token.name()), "KRWToken");
        vm.assertEq(bytes(token.symbol()), "KRWT");
        vm.assertEq(token.decimals(), 0);
        vm.assertTrue(token.supportsInterface(0x01ffc9a7), "KIP-13");
        vm.assertTrue(token.supportsInterface(0x65787371), "KIP-7");
        vm.assertTrue(token.supportsInterface(0xa219a025), "KIP-7 metadata");
        vm.assertFalse(token.supportsInterface(0xffffffff));
    }

    function test_safeTransfer_asksTheReceiverLast() public {
        Receiver receiver = new Receiver(ACCEPTED);
        vm.prank(payer);
        token.safeTransfer(address(receiver), 300, "note");
        vm.assertEq(receiver.seen(), 300);
        vm.assertEq(receiver.data(), "note");
        vm.prank(payer);
        token.approve(merchant, 100);
        vm.prank(merchant);
        token.safeTransferFrom(payer, address(receiver), 100);
        vm.assertEq(token.balanceOf(address(receiver)), 400);
    }

    function test_safeTransfer_goesToAccountsWithoutCode() public {
        vm.prank(payer);
        token.safeTransfer(merchant, 300);
        vm.assertEq(token.balanceOf(merchant), 300);
    }

    function test_safeTransfer_reverts_whenTheReceiverRefuses() public {
        Receiver receiver = new Receiver(0);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IToken.ReceiverRefused.selector, address(receiver)));
        token.safeTransfer(address(receiver), 300);
        vm.prank(payer);
        vm.expectRevert();
        token.safeTransfer(address(factory), 300);
    }

    function test_transfer_reverts_withoutFundsAndToZeroOrTheToken() public {
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IToken.InsufficientBalance.selector, payer, 1_000, 1_001));
        token.transfer(merchant, 1_001);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IToken.AccountFrozen.selector, address(0)));
        token.transfer(address(0), 1);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IToken.AccountFrozen.selector, address(token)));
        token.transfer(address(token), 1);
    }

    function testFuzz_transfer_movesExactly(uint96 value) public {
        value = uint96(value % 1_001);
        vm.prank(payer);
        token.transfer(merchant, value);
        vm.assertEq(token.balanceOf(payer), 1_000 - value);
        vm.assertEq(token.balanceOf(merchant), value);
        vm.prank(merchant);
        token.transfer(merchant, value);
        vm.assertEq(token.balanceOf(merchant), value);
    }

    function test_transfer_keepsTheReplayWindow() public {
        settle(batchOf(payment(10, 100)));
        vm.prank(payer);
        token.transfer(merchant, 990);
        vm.assertEq(accountOf(payer).balance, 0);
        vm.assertEq(accountOf(payer).base, 37);
        vm.assertEq(accountOf(payer).window, 1 << 63);
    }

    function test_factory_addressDependsOnCallerSaltAndCode() public {
        bytes memory code_ = code("KRWToken");
        bytes32 ownSalt = keccak256(abi.encode(address(this), bytes32(0)));
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", address(factory), ownSalt, keccak256(code_)));
        vm.assertEq(address(token), address(uint160(uint256(hash))));
        vm.expectRevert(abi.encodeWithSignature("CreationFailed()"));
        factory.create(0, code_, setUpCall());
        vm.prank(payer);
        address other = factory.create(0, code_, setUpCall());
        vm.assertTrue(other != address(token));
    }

    function test_factory_passesOnWhatTheSetUpSays() public {
        IToken.SetUp memory settings;
        bytes memory call = abi.encodeCall(IToken.setUp, (settings));
        bytes memory code_ = code("KRWToken");
        vm.expectRevert(abi.encodeWithSelector(IToken.ZeroAddress.selector));
        factory.create("other", code_, call);
    }
}
