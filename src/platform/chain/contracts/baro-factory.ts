// Written by scripts/compile-contracts.mjs; a test fails when it differs from the Solidity.
export const baroFactoryAbi = [
 {
  "inputs": [],
  "name": "CreationFailed",
  "type": "error"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "created",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "deployer",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "bytes32",
    "name": "salt",
    "type": "bytes32"
   }
  ],
  "name": "Created",
  "type": "event"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "salt",
    "type": "bytes32"
   },
   {
    "internalType": "bytes",
    "name": "initCode",
    "type": "bytes"
   },
   {
    "internalType": "bytes",
    "name": "setUpCall",
    "type": "bytes"
   }
  ],
  "name": "create",
  "outputs": [
   {
    "internalType": "address",
    "name": "created",
    "type": "address"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 }
] as const
export const baroFactoryBytecode = '0x6080806040523460155761029d908161001a8239f35b5f80fdfe60806040526004361015610011575f80fd5b5f3560e01c639ec3485414610024575f80fd5b346101f15760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101f15760043560243567ffffffffffffffff81116101f157366023820112156101f157806004013561008181610263565b9061008f60405192836101f5565b808252602082019236602483830101116101f157815f926024602093018637830101526044359067ffffffffffffffff82116101f157366023830112156101f15781600401359267ffffffffffffffff84116101f15736602485850101116101f1576040516020810190338252866040820152604081526101116060826101f5565b5190209151905ff59173ffffffffffffffffffffffffffffffffffffffff83169283156101c95760245f8094848295604051948593018337810182815203925af1913d156101c1573d9261016484610263565b9361017260405195866101f5565b84523d5f602086013e5b156101b95760209250604051908152817f68dbd9d7993f4041b1127082046555d3809aaf21d1ffb0e7af9bbe207695a275843393a3604051908152f35b825160208401fd5b60609261017c565b7fd786d393000000000000000000000000000000000000000000000000000000005f5260045ffd5b5f80fd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761023657604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b67ffffffffffffffff811161023657601f017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0166020019056' as const
export const BARO_FACTORY_CODE_HASH = '0xe629ba36529de8af0ca22e78a457bf544f75513a6f642c0b089a3b582cecdac3' as const
